import type { Location } from "./diagnostic.js";

/** The place of the text from `start` up to `end`, both in UTF-16 units from the beginning of the file. */
export type Locate = (start: number, end: number) => Location;

/** Finds places in a file's text. */
export function locator(file: string, text: string): Locate {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return (start, end) => {
    const line = lineOf(starts, Math.min(start, text.length));
    const from = starts[line] ?? 0;
    const newline = text.indexOf("\n", from);
    const whole = text.slice(from, newline < 0 ? text.length : newline).replace(/\r$/, "");
    // Columns count characters, not UTF-16 units; a value of several lines is underlined on its first.
    const at = Math.min(start, text.length) - from;
    const before = [...whole.slice(0, at)].length;
    const length = [...whole.slice(at, Math.max(at + 1, end - from)).trimEnd()].length;
    return { file, line: line + 1, column: before + 1, length: Math.max(1, length), text: whole };
  };
}

/** The last line that starts at or before the offset, counted from 0. */
function lineOf(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
