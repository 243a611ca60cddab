import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { lvm2Block, REQUIRED_LINE } from "./prjconf.js";

/** What OBS' own reader said of a project configuration. */
export interface BuildRoot {
  /** Packages of every build root, with how they got there: `required`, `preinstall`, `support` or `kiwi`. */
  readonly packages: ReadonlyMap<string, string>;
  /** `kiwi`, `spec`, …; undefined when it is not said. */
  readonly type: string | undefined;
}

/** Reads the lines that obs-build-root.pl prints. */
export function parseBuildRoot(lines: readonly string[]): BuildRoot {
  const said = lines.map((line) => line.trim().split(/\s+/)).filter(([kind, name]) => kind && name);
  return {
    packages: new Map(said.filter(([kind]) => kind !== "type").map(([kind = "", name = ""]) => [name, kind])),
    type: said.find(([kind]) => kind === "type")?.[1],
  };
}

/** Is lvm2, which has `vgs`, in the build root? Says where it comes from, or which lines are missing. */
export function checkBuildRoot(
  root: BuildRoot,
  shown: string,
  repository: string,
): { readonly found?: string; readonly diagnostics: readonly Diagnostic[] } {
  const how = root.packages.get("lvm2");
  if (how !== undefined) {
    const word = { required: "Required", preinstall: "Preinstall", support: "Support" }[how];
    return { found: word ? `${word}: lvm2` : "Substitute: kiwi-setup:image", diagnostics: [] };
  }
  const message = `vgs not found in the build root: ${shown} gives repository "${repository}" no lvm2, and KIWI would fail after an hour with \`Command "vgs" not found in the environment\``;
  const help = `add "${REQUIRED_LINE}" for the repository:\n${lvm2Block(repository).trimEnd()}`;
  return { diagnostics: [{ severity: "error", code: "obs-no-lvm2", message, help }] };
}
