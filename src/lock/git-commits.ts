import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { Refused } from "../diagnostic/failure.js";
import { closest } from "../diagnostic/suggest.js";
import type { Assets } from "../plan/step.js";
import { refOf } from "../recipe/lock-file.js";
import type { SourcePin } from "../recipe/pins.js";
import type { SourceSpec } from "../recipe/spec.js";
import { type Mirror, mirrorLines } from "../util/mirror.js";
import { type LockPlace, runLockScript } from "./script.js";

export type GitSource = SourceSpec & { readonly kind: "git" };

/** Which commits branches and tags are now, by asking their servers; throws Refused with every name that is not there. */
export async function gitCommits(
  sources: { readonly [name: string]: GitSource },
  assets: Assets,
  mirrors: readonly Mirror[],
  place: LockPlace,
): Promise<{ readonly [name: string]: SourcePin }> {
  const names = Object.keys(sources).sort();
  const refs = names.map((name) => {
    const { ref, url } = sources[name] as GitSource;
    return `${name} ${"branch" in ref ? `heads ${ref.branch}` : `tags ${"tag" in ref ? ref.tag : ""}`} ${url}\n`;
  });
  const { output, diagnostics } = await runLockScript(place, {
    name: "git",
    script: assets.script("lock-git"),
    env: { MIRRORS: mirrorLines(mirrors) },
    inputs: { refs: refs.join("") },
  });
  const commits = new Map(pairs(await output("commits")));
  const known = pairs(await output("names"));
  const missing = names
    .filter((name) => !commits.has(name) && !diagnostics.some(({ message }) => message.includes(`source "${name}"`)))
    .map((name) =>
      noRef(
        name,
        sources[name] as GitSource,
        known.filter(([source]) => source === name).map(([, ref]) => ref),
      ),
    );
  if (missing.length + diagnostics.length > 0) throw new Refused([...missing, ...diagnostics]);
  return Object.fromEntries(
    names.map((name) => {
      const source = sources[name] as GitSource;
      return [name, { kind: "git", url: source.url, ref: refOf(source), commit: commits.get(name) ?? "" }];
    }),
  );
}

function noRef(name: string, source: GitSource, known: readonly string[]): Diagnostic {
  const kind = "branch" in source.ref ? "branch" : "tag";
  const wanted = refOf(source).slice(kind.length + 1);
  const near = closest(wanted, known);
  return {
    severity: "error",
    code: "unknown-ref",
    message: `source "${name}": ${source.url} has no ${kind} "${wanted}"`,
    help:
      near === undefined
        ? `it has ${known.length} ${kind === "tag" ? "tags" : "branches"}, none of a similar name`
        : `did you mean "${near}"?`,
  };
}

function pairs(text: string | undefined): readonly (readonly [string, string])[] {
  return (text ?? "").split("\n").flatMap((line) => {
    const space = line.indexOf(" ");
    return space < 0 ? [] : [[line.slice(0, space), line.slice(space + 1)] as const];
  });
}
