import { StringDecoder } from "node:string_decoder";

/** A line longer than this many characters is cut, so that binary output cannot fill the memory. */
const LONGEST = 1 << 20;

/**
 * Turns bytes into whole lines: `\n`, `\r\n` and a lone `\r` (a progress display) end one.
 * UTF-8 sequences and line ends may be split anywhere between chunks; what a lone `\r` overwrites with nothing is left out.
 */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder("utf8");
  #rest = "";
  /** Only `\r` came since the last line's text: it has ended that line already, or there was no text to end. */
  #returned: "no" | "ended a line" | "ended nothing" = "no";

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  write(chunk: Uint8Array): void {
    this.#take(this.#decoder.write(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk)));
  }

  /** Gives what is left as the last line, if anything is. */
  end(): void {
    this.#take(this.#decoder.end());
    if (this.#rest !== "") this.#emit("");
  }

  #take(text: string): void {
    // Only new text is searched, and for each sign only once: long lines and many small ones stay linear.
    let start = 0;
    let cr = next(text, "\r", 0);
    let lf = next(text, "\n", 0);
    while (cr < text.length || lf < text.length) {
      const at = Math.min(cr, lf);
      const isReturn = at === cr;
      if (at > start || this.#rest !== "") {
        this.#emit(text.slice(start, at));
        this.#returned = isReturn ? "ended a line" : "no";
      } else if (isReturn) {
        if (this.#returned === "no") this.#returned = "ended nothing";
      } else {
        if (this.#returned !== "ended a line") this.#emit("");
        this.#returned = "no";
      }
      start = at + 1;
      if (isReturn) cr = next(text, "\r", start);
      else lf = next(text, "\n", start);
    }
    if (start < text.length) this.#returned = "no";
    this.#rest += text.slice(start);
    if (this.#rest.length > LONGEST) this.#emit("");
  }

  #emit(tail: string): void {
    const line = this.#rest + tail;
    this.#rest = "";
    this.#onLine(line);
  }
}

/** Where the sign comes next, or the text's length. */
function next(text: string, sign: string, from: number): number {
  const at = text.indexOf(sign, from);
  return at === -1 ? text.length : at;
}
