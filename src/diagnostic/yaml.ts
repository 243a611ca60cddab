import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  type Scalar,
  type YAMLError,
} from "yaml";
import type { Diagnostic, Location } from "./diagnostic.js";
import { type Locate, locator } from "./locate.js";
import type { Placed } from "./placed.js";

/** More values than any sane file has; stops an alias bomb while its places are still few. */
const MOST_VALUES = 100_000;

/**
 * Reads one YAML 1.2 document with the place of every key and value. Double keys, unknown tags, unresolved or
 * self-referring aliases and keys that are no text are errors; after a syntax error there is no root.
 */
export function parseYaml(
  file: string,
  text: string,
): { readonly root?: Placed; readonly diagnostics: readonly Diagnostic[] } {
  const document = parseDocument(text, { uniqueKeys: false, prettyErrors: false });
  const locate = locator(file, text);
  if (document.errors.length > 0) {
    // One slip often breaks several rules of the grammar on its line; the first says it best.
    const told = document.errors.filter((error) => !isPartner(error, document.errors));
    const slips = told.map((error) => syntaxError(error, document.errors, text, locate));
    return { diagnostics: slips.filter((slip, i) => slips.findIndex((d) => d.at?.line === slip.at?.line) === i) };
  }
  const diagnostics: Diagnostic[] = document.warnings.map((warning) => unknownTag(warning, locate));
  if (document.contents === null || isNull(document.contents)) {
    const at = locate(0, 0);
    return {
      diagnostics: [...diagnostics, { severity: "error", code: "empty-file", message: "the file says nothing", at }],
    };
  }
  const root = new Placing(document, locate, diagnostics).place(document.contents);
  if (diagnostics.some((d) => d.code === "too-large")) return { diagnostics };
  return root === undefined ? { diagnostics } : { root, diagnostics };
}

function isNull(node: unknown): boolean {
  return isScalar(node) && node.value === null && node.source === "";
}

class Placing {
  readonly #document: Document;
  readonly #locate: Locate;
  readonly #diagnostics: Diagnostic[];
  readonly #open = new Set<Node>();
  #count = 0;

  constructor(document: Document, locate: Locate, diagnostics: Diagnostic[]) {
    this.#document = document;
    this.#locate = locate;
    this.#diagnostics = diagnostics;
  }

  place(node: unknown, fallback?: Location): Placed | undefined {
    this.#count++;
    const at = this.#at(node) ?? fallback;
    if (at === undefined) return undefined;
    if (this.#count > MOST_VALUES) {
      if (this.#count === MOST_VALUES + 1) {
        this.#error("too-large", `more than ${MOST_VALUES} values`, at, "do aliases repeat each other?");
      }
      return undefined;
    }
    if (isAlias(node)) return this.#alias(node, at);
    if (isMap(node) || isSeq(node)) {
      if (this.#open.has(node)) {
        this.#error("circular-alias", "a value contains itself by way of an alias", at);
        return undefined;
      }
      this.#open.add(node);
      const placed = isMap(node) ? this.#map(node.items, at) : this.#list(node.items, at);
      this.#open.delete(node);
      return placed;
    }
    if (isScalar(node))
      return { kind: "scalar", at, value: scalarValue(node), source: node.source ?? String(node.value) };
    return { kind: "scalar", at, value: null, source: "" };
  }

  #alias(node: Node & { source: string }, at: Location): Placed | undefined {
    const target = (node as unknown as { resolve(d: Document): Node | undefined }).resolve(this.#document);
    if (target === undefined) {
      this.#error("unknown-alias", `no anchor "&${node.source}" stands before this alias`, at);
      return undefined;
    }
    return this.place(target);
  }

  #list(items: readonly unknown[], at: Location): Placed {
    const values = items.flatMap((item) => {
      const value = this.place(item, at);
      return value === undefined ? [] : [value];
    });
    return { kind: "list", at, values };
  }

  #map(items: readonly { key: unknown; value: unknown }[], at: Location): Placed {
    const entries = new Map<string, { key: Location; value: Placed }>();
    for (const { key, value } of items) {
      const keyAt = this.#at(key) ?? at;
      const name =
        isScalar(key) && key.value !== null ? String(isText(key) ? key.value : (key.source ?? key.value)) : undefined;
      if (name === undefined) {
        this.#error("bad-key", "a key must be a plain word", keyAt);
        continue;
      }
      const first = entries.get(name);
      if (first) {
        this.#diagnostics.push({
          severity: "error",
          code: "duplicate-key",
          message: `key "${name}" stands here a second time`,
          at: keyAt,
          help: "remove one of the two",
          related: [{ message: "the first one", at: first.key }],
        });
        continue;
      }
      const placed = this.place(value, keyAt);
      if (placed) entries.set(name, { key: keyAt, value: isNull(value) ? { ...placed, at: keyAt } : placed });
    }
    return { kind: "map", at, entries };
  }

  #at(node: unknown): Location | undefined {
    const range = (node as Node | null | undefined)?.range;
    return range ? this.#locate(range[0], range[1]) : undefined;
  }

  #error(code: string, message: string, at: Location, help?: string): void {
    this.#diagnostics.push({ severity: "error", code, message, at, ...(help ? { help } : {}) });
  }
}

function isText(scalar: Scalar): boolean {
  return typeof scalar.value === "string";
}

function scalarValue(scalar: Scalar): string | number | boolean | null {
  const { value } = scalar;
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return value;
  return String(value);
}

/** yaml's own words are for those who write parsers; the commonest are said again here. */
const SYNTAX: Readonly<Record<string, { readonly message: string; readonly help?: string }>> = {
  TAB_AS_INDENT: { message: "a tab stands where YAML wants spaces", help: "indent with spaces" },
  BAD_INDENT: {
    message: "this line is indented by the wrong amount",
    help: "keys of one map start in the same column",
  },
  MULTIPLE_DOCS: {
    message: "a second document starts here",
    help: "keep one recipe in one file, without `---` in the middle",
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: "a map or list starts in the middle of a line",
    help: "start it on the next line, indented",
  },
  MULTILINE_IMPLICIT_KEY: {
    message: "this line is neither a key nor a value",
    help: "is a colon missing behind the key, or a space behind the colon?",
  },
};

const UNCLOSED: typeof SYNTAX = {
  map: { message: "the { of a map before this has no }" },
  sequence: { message: "the [ of a list before this has no ]" },
};

/** Of two errors about one line that is indented too deep, the second says nothing new. */
function isPartner(error: YAMLError, all: readonly YAMLError[]): boolean {
  const twin = (one: YAMLError) => one.code === "BLOCK_AS_IMPLICIT_KEY" && one.pos[0] === error.pos[0];
  return error.code === "MULTILINE_IMPLICIT_KEY" && all.some(twin);
}

function syntaxError(error: YAMLError, all: readonly YAMLError[], text: string, locate: Locate): Diagnostic {
  const [start, end] = error.pos;
  // A line that is indented deeper than the key above it continues that key's value, and then turns out to be a key.
  const deeper = all.find((one) => one.code === "MULTILINE_IMPLICIT_KEY" && one.pos[0] === start && error !== one);
  if (error.code === "BLOCK_AS_IMPLICIT_KEY" && deeper) {
    const line = text.lastIndexOf("\n", deeper.pos[1] - 1) + 1;
    const first = line + (/^\s*/.exec(text.slice(line))?.[0].length ?? 0);
    const message = "this line is indented deeper than the key above it";
    return {
      severity: "error",
      code: "yaml-syntax",
      message,
      at: locate(first, deeper.pos[1]),
      help: "keys of one map start in the same column",
    };
  }
  const open = /^Flow (map|sequence)/.exec(error.message)?.[1];
  const quote = /^Missing closing (["'])/.exec(error.message)?.[1];
  const known =
    open !== undefined
      ? UNCLOSED[open]
      : quote !== undefined
        ? { message: `a text that starts with ${quote} before this has no closing ${quote}` }
        : SYNTAX[error.code];
  const message = known?.message ?? `not valid YAML: ${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`;
  // At the end of the file there is nothing to show; the last character before it is where something is missing.
  const last = text.trimEnd().length - 1;
  const at = start > last ? locate(Math.max(0, last), Math.max(1, last + 1)) : locate(start, end);
  return { severity: "error", code: "yaml-syntax", message, at, ...(known?.help ? { help: known.help } : {}) };
}

function unknownTag(warning: YAMLError, locate: Locate): Diagnostic {
  const at = locate(warning.pos[0], warning.pos[1]);
  const tag = at.text === undefined ? "" : [...at.text].slice(at.column - 1, at.column - 1 + at.length).join("");
  if (warning.code !== "TAG_RESOLVE_FAILED") {
    return { severity: "error", code: "yaml-syntax", message: `not valid YAML: ${warning.message}`, at };
  }
  return {
    severity: "error",
    code: "unknown-tag",
    message: `unknown tag "${tag}"`,
    at,
    help: "a value that starts with ! must be in quotes",
  };
}
