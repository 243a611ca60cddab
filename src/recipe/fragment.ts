import type { Diagnostic, Location } from "../diagnostic/diagnostic.js";

/** A line of a Kconfig fragment that sets a symbol. */
export interface FragmentLine {
  readonly name: string;
  readonly value: string;
  readonly at: Location;
}

/**
 * Reads a Kconfig fragment: `CONFIG_X=y`, `# CONFIG_X is not set`, comments and empty lines.
 * Kconfig itself only warns about anything else, and the wish is lost; here it is an error.
 */
export function parseFragment(
  file: string,
  text: string,
): { readonly lines: readonly FragmentLine[]; readonly diagnostics: readonly Diagnostic[] } {
  const lines: FragmentLine[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const [i, raw] of text.split("\n").entries()) {
    const line = raw.trimEnd();
    const at = { file, line: i + 1, column: 1, length: Math.max(1, [...line].length), text: line };
    const off = /^# (CONFIG_[A-Za-z0-9_]+) is not set$/.exec(line);
    const set = /^(CONFIG_[A-Za-z0-9_]+)=(y|m|n|-?\d+|0x[0-9a-fA-F]+|".*")$/.exec(line);
    const name = off?.[1] ?? set?.[1];
    if (name !== undefined) lines.push({ name, value: set?.[2] ?? "n", at });
    else if (line !== "" && !line.startsWith("#")) {
      const help = "expected CONFIG_X=y, =m, =n, a number or a text in double quotes, or `# CONFIG_X is not set`";
      diagnostics.push({
        severity: "error",
        code: "bad-fragment",
        message: "this is no line of a Kconfig fragment",
        at,
        help,
      });
    }
  }
  return { lines, diagnostics };
}
