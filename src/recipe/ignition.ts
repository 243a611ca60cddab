import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { parseJson } from "../diagnostic/json.js";
import { find, keyOf, textAt } from "../diagnostic/placed.js";
import { wrong } from "./checks/check.js";

/**
 * Holds a file against what Ignition reads at least: JSON whose `ignition.version` is a version of its specification 3.
 * Places come without their line: it may be the whole file, with password hashes and keys.
 */
export function checkIgnition(file: string, text: string): readonly Diagnostic[] {
  return faults(file, text).map(({ at, ...diagnostic }) => {
    if (at === undefined) return diagnostic;
    const { text: _, ...place } = at;
    return { ...diagnostic, at: place };
  });
}

function faults(file: string, text: string): readonly Diagnostic[] {
  const parsed = parseJson(file, text);
  if (!("root" in parsed)) return parsed.diagnostics;
  const { root } = parsed;
  const version = textAt(root, "ignition", "version");
  if (version === undefined) {
    const wanted = find(root, "ignition", "version") ?? find(root, "ignition");
    const at = wanted?.at ?? keyOf(root, []);
    const help = 'expected { "ignition": { "version": "3.4.0" }, … }';
    return [wrong("ignition-version", "an Ignition configuration says its version", at, help)];
  }
  if (/^3\.\d+\.\d+(-experimental)?$/.test(version.text)) return [];
  const older = /^[12]\./.test(version.text);
  const help = older ? "butane writes version 3 from a configuration in YAML" : "expected a version such as 3.4.0";
  const message = older
    ? `version ${version.text} is from before Ignition 2, which reads version 3 only`
    : `"${version.text}" is no version of Ignition's specification 3`;
  return [wrong("ignition-version", message, version.at, help)];
}
