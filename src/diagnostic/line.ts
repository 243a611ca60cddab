import type { Diagnostic } from "./diagnostic.js";

const MARK = "@@diagnostic ";

/**
 * The diagnostic in a line that a step's script printed as `@@diagnostic {json}`, or undefined for any other line.
 * Scripts print each of their findings so, and once more in words for those who run them by hand.
 */
export function diagnosticLine(line: string): Diagnostic | undefined {
  if (!line.startsWith(MARK)) return undefined;
  try {
    const found = JSON.parse(line.slice(MARK.length)) as Diagnostic;
    return typeof found.message === "string" && typeof found.code === "string" ? found : undefined;
  } catch {
    return undefined;
  }
}
