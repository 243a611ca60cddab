import type { Diagnostic, Location } from "../../diagnostic/diagnostic.js";
import { locator } from "../../diagnostic/locate.js";

/** A cell with its place; without the quotes around it. */
export interface Cell {
  readonly text: string;
  readonly at: Location;
}

/**
 * The rows of a CSV file (RFC 4180): cells with commas or, where the first line has no comma, with semicolons between them;
 * a cell in quotes may hold those, line ends, and quotes doubled. Empty lines and lines that begin with # are left out.
 */
export function parseCsv(
  file: string,
  text: string,
): { readonly rows: readonly (readonly Cell[])[]; readonly diagnostics: readonly Diagnostic[] } {
  const locate = locator(file, text);
  const first = /^\ufeff?[^\r\n]*/.exec(text)?.[0] ?? "";
  const separator = !first.includes(",") && first.includes(";") ? ";" : ",";
  const rows: Cell[][] = [];
  const diagnostics: Diagnostic[] = [];
  let at = text.startsWith("\ufeff") ? 1 : 0;
  while (at < text.length) {
    const line = /[^\r\n]*/y;
    line.lastIndex = at;
    const whole = line.exec(text)?.[0] ?? "";
    if (whole.trim() === "" || whole.startsWith("#")) {
      at += whole.length + (/^\r?\n?/.exec(text.slice(at + whole.length))?.[0].length || 1);
      continue;
    }
    const row: Cell[] = [];
    for (let more = true; more; ) {
      const quoted = text[at] === '"';
      const end = quoted ? closing(text, at) : unquotedEnd(text, at, separator);
      if (end === undefined) {
        const message = "this cell begins with a quote and has no closing one";
        diagnostics.push({ severity: "error", code: "csv-quote", message, at: locate(at, at + 1) });
        return { rows: [...rows, row], diagnostics };
      }
      const raw = text.slice(at, end);
      const content = quoted ? raw.slice(1, -1).replaceAll('""', '"') : raw.trim();
      // What is underlined is the text alone.
      const lead = quoted ? 1 : raw.length - raw.trimStart().length;
      row.push({ text: content, at: locate(at + lead, at + lead + Math.max(1, content.length)) });
      more = text[end] === separator;
      at = end + 1;
      if (!more && text[end] === "\r" && text[end + 1] === "\n") at++;
      if (quoted && !more && text[end] !== undefined && text[end] !== "\r" && text[end] !== "\n") {
        const message = "something stands between a closing quote and the end of its cell";
        const help = "a quote inside quotes is doubled";
        diagnostics.push({ severity: "error", code: "csv-quote", message, at: locate(end, end + 1), help });
        return { rows: [...rows, row], diagnostics };
      }
    }
    rows.push(row);
  }
  return { rows, diagnostics };
}

/** Behind the quote that closes the one at `at`. */
function closing(text: string, at: number): number | undefined {
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] !== '"') continue;
    if (text[end + 1] !== '"') return end + 1;
    end++;
  }
  return undefined;
}

function unquotedEnd(text: string, at: number, separator: string): number {
  let end = at;
  while (end < text.length && text[end] !== separator && text[end] !== "\n" && text[end] !== "\r") end++;
  return end;
}
