import type { Diagnostic, Location } from "./diagnostic.js";
import { type Locate, locator } from "./locate.js";
import type { Placed } from "./placed.js";

/** No configuration of a person's is nested deeper. */
const DEEPEST = 200;

/** Reads JSON (RFC 8259) with the place of every key and value; the first thing that is no JSON is the mistake. */
export function parseJson(
  file: string,
  text: string,
): { readonly root: Placed; readonly diagnostics: readonly [] } | { readonly diagnostics: readonly [Diagnostic] } {
  const reader = new Reader(text, locator(file, text));
  try {
    return { root: reader.whole(), diagnostics: [] };
  } catch (error) {
    if (!(error instanceof NoJson)) throw error;
    const { message, at, help } = error;
    return { diagnostics: [{ severity: "error", code: "json-syntax", message, at, ...(help ? { help } : {}) }] };
  }
}

class NoJson extends Error {
  readonly at: Location;
  readonly help: string | undefined;
  constructor(message: string, at: Location, help?: string) {
    super(message);
    this.at = at;
    this.help = help;
  }
}

const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SCALAR = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y;

class Reader {
  readonly #text: string;
  readonly #locate: Locate;
  #at = 0;

  constructor(text: string, locate: Locate) {
    this.#text = text;
    this.#locate = locate;
  }

  whole(): Placed {
    const value = this.#value(0);
    if (this.#next() !== undefined) this.#fail("something follows the value, and JSON is one value");
    return value;
  }

  #value(depth: number): Placed {
    if (depth > DEEPEST) this.#fail(`more than ${DEEPEST} lists and maps inside each other`);
    const start = this.#next();
    if (start === "{") return this.#map(depth);
    if (start === "[") return this.#list(depth);
    const from = this.#at;
    const source = this.#match(STRING) ?? this.#match(SCALAR);
    if (source === undefined) this.#fail("a value is missing here", start === "'" ? DOUBLE : undefined);
    const value = JSON.parse(source) as string | number | boolean | null;
    return { kind: "scalar", at: this.#locate(from, this.#at), value, source };
  }

  #map(depth: number): Placed {
    const from = this.#at++;
    const entries = new Map<string, { key: Location; value: Placed }>();
    for (let first = true; ; first = false) {
      const next = this.#next();
      if (next === undefined || (first && next === "}")) break;
      const start = this.#at;
      const name = this.#match(STRING);
      if (name === undefined) this.#fail("a key is missing here", this.#text[start] === "}" ? COMMA : DOUBLE);
      const key = this.#locate(start, this.#at);
      if (this.#next() !== ":") this.#fail("a colon is missing behind the key");
      this.#at++;
      const known = JSON.parse(name) as string;
      if (entries.has(known)) throw new NoJson(`key ${name} stands here a second time`, key, "remove one of the two");
      entries.set(known, { key, value: this.#value(depth + 1) });
      if (this.#next() !== ",") break;
      this.#at++;
    }
    this.#close("}", "map", from);
    return { kind: "map", at: this.#locate(from, this.#at), entries };
  }

  #list(depth: number): Placed {
    const from = this.#at++;
    const values: Placed[] = [];
    for (let first = true; ; first = false) {
      const next = this.#next();
      if (next === undefined || (first && next === "]")) break;
      if (next === "]") this.#fail("a value is missing here", COMMA);
      values.push(this.#value(depth + 1));
      if (this.#next() !== ",") break;
      this.#at++;
    }
    this.#close("]", "list", from);
    return { kind: "list", at: this.#locate(from, this.#at), values };
  }

  #close(sign: string, what: string, from: number): void {
    const next = this.#next();
    if (next === undefined) throw new NoJson(`this ${what} has no ${sign}`, this.#locate(from, from + 1));
    if (next !== sign) this.#fail(`a comma or a ${sign} is missing here`);
    this.#at++;
  }

  /** The next character that means something. */
  #next(): string | undefined {
    while (/[ \t\r\n]/.test(this.#text[this.#at] ?? "x")) this.#at++;
    return this.#text[this.#at];
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #fail(message: string, help?: string): never {
    const last = Math.max(0, this.#text.trimEnd().length - 1);
    const start = Math.min(this.#at, last);
    const word = /[^\s,:{}[\]]*/y;
    word.lastIndex = start;
    throw new NoJson(message, this.#locate(start, start + (word.exec(this.#text)?.[0].length ?? 1)), help);
  }
}

const COMMA = "take the comma before it away";
const DOUBLE = 'texts stand in double quotes: "…"';
