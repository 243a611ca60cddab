const ESC = "\u001b";

/** Escape sequences (ECMA-48 CSI and OSC, short ones) and the control characters that terminals swallow. */
const SEQUENCE = new RegExp(
  `${ESC}(?:\\[[0-?]*[ -/]*[@-~]|\\][^\\u0007${ESC}]*(?:\\u0007|${ESC}\\\\)|[ -/]*[0-Z\\\\^-~])|[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001a\\u001c-\\u001f\\u007f]`,
  "g",
);

/** An escape sequence that has begun at the end of the text and is not over yet. */
const BEGUN = new RegExp(`${ESC}(?:\\[[0-?]*[ -/]*|\\][^\\u0007${ESC}]*${ESC}?|[ -/]*)$`);

/** Takes terminal escapes out of a stream: what may be matched and logged now, and the beginning to put before the next piece. */
export function stripAnsi(text: string): { readonly text: string; readonly rest: string } {
  const begun = BEGUN.exec(text);
  // A sequence that never ends is not one: let a long one through.
  const end = begun && text.length - begun.index < 256 ? begun.index : text.length;
  return { text: text.slice(0, end).replace(SEQUENCE, ""), rest: text.slice(end) };
}
