import { isAbsolute, relative } from "node:path";
import { styleText } from "node:util";
import type { Diagnostic, Location } from "./diagnostic.js";

/** How to draw: `cwd` shortens paths below it; `columns` is the width that long source lines are cut to. */
export interface RenderOptions {
  readonly colour?: boolean;
  readonly cwd?: string;
  readonly columns?: number;
}

type Paint = (format: Parameters<typeof styleText>[0], text: string) => string;

/**
 * Draws one diagnostic as people read it, without a final newline:
 *
 *     recipes/x.yaml:3:1: error: unknown key "sorce" [unknown-key]
 *       3 | sorce: linux
 *         | ^^^^^
 *       help: did you mean "source"?
 */
export function render(diagnostic: Diagnostic, options: RenderOptions = {}): string {
  // validateStream would drop the colours when our own stdout is no terminal; the caller has decided already.
  const paint: Paint = options.colour
    ? (format, text) =>
        (styleText as (f: typeof format, t: string, o: object) => string)(format, text, { validateStream: false })
    : (_, text) => text;
  const tint = diagnostic.severity === "error" ? "red" : "yellow";
  const place = diagnostic.at === undefined ? "" : `${paint("bold", placeOf(diagnostic.at, options))}: `;
  const lines = [
    `${place}${paint([tint, "bold"], diagnostic.severity)}: ${printable(diagnostic.message)} ${paint("dim", `[${diagnostic.code}]`)}`,
  ];
  if (diagnostic.at) lines.push(...squiggle(diagnostic.at, tint, paint, options));
  if (diagnostic.help !== undefined) {
    const [first = "", ...more] = diagnostic.help.split("\n").map(printable);
    lines.push(`  ${paint("cyan", "help")}: ${first}`, ...more.map((line) => `        ${line}`));
  }
  for (const { message, at } of diagnostic.related ?? []) {
    lines.push(
      `  ${paint("bold", placeOf(at, options))}: ${printable(message)}`,
      ...squiggle(at, "cyan", paint, options),
    );
  }
  return lines.join("\n");
}

/** Draws all of them, in order of file and line, an empty line between, and a count at the end; "" for none. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], options: RenderOptions = {}): string {
  if (diagnostics.length === 0) return "";
  const count = (severity: Diagnostic["severity"]) => diagnostics.filter((d) => d.severity === severity).length;
  const totals = [counted(count("error"), "error"), counted(count("warning"), "warning")].filter((text) => text !== "");
  return [...inOrder(diagnostics).map((d) => render(d, options)), totals.join(", ")].join("\n\n");
}

/** Sorted by file in order of first mention, then by place; those without a place come first. */
export function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const files = [...new Set(diagnostics.map((d) => d.at?.file))];
  const rank = (d: Diagnostic) => (d.at === undefined ? -1 : files.indexOf(d.at.file));
  return [...diagnostics].sort(
    (a, b) => rank(a) - rank(b) || (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0),
  );
}

function counted(count: number, word: string): string {
  return count === 0 ? "" : `${count} ${word}${count === 1 ? "" : "s"}`;
}

function placeOf(at: Location, options: RenderOptions): string {
  return `${shownPath(at.file, options.cwd)}:${at.line}:${at.column}`;
}

/** A path as the user would type it: relative when it lies below `cwd`, whole otherwise. */
export function shownPath(file: string, cwd: string | undefined): string {
  if (cwd === undefined || !isAbsolute(file)) return file;
  const short = relative(cwd, file);
  return short === "" || short.startsWith("..") || isAbsolute(short) ? file : short;
}

function squiggle(at: Location, tint: "red" | "yellow" | "cyan", paint: Paint, options: RenderOptions): string[] {
  if (at.text === undefined) return [];
  const number = String(at.line);
  const room = Math.max(30, (options.columns ?? 110) - number.length - 6);
  const all = [...at.text];
  const from = Math.min(at.column - 1, all.length);
  const length = Math.max(1, Math.min(at.length, all.length - from));
  // A line that is too long is shown from a little before the place on.
  const start = all.length <= room || from + length <= room ? 0 : Math.max(0, from - 10);
  const shown = all.slice(start, start + room);
  const under = Math.min(length, Math.max(1, room - (from - start)));
  const lead = shown.slice(0, from - start).map((c) => (c === "\t" ? "\t" : " ".repeat(width(c))));
  const marked = shown.slice(from - start, from - start + under);
  const carets = marked.length === 0 ? "^" : marked.map((c) => "^".repeat(width(c))).join("");
  const bar = paint("dim", "|");
  return [
    `  ${paint("dim", number)} ${bar} ${shown.map((c) => (c === "\t" ? c : printable(c))).join("")}`,
    `  ${" ".repeat(number.length)} ${bar} ${lead.join("")}${paint([tint, "bold"], carets)}`,
  ];
}

/** Control characters of a user's file must not reach the terminal. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, "\u00b7");
}

/** Columns a character takes on a terminal: two for the wide scripts and emoji, none for combining marks. */
function width(character: string): number {
  if (/\p{Mark}/u.test(character)) return 0;
  return /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
    character,
  )
    ? 2
    : 1;
}
