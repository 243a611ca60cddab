import { parse } from "yaml";
import { isTree, same, type Tree } from "./tree.js";

/** As wide as boardsmith's own recipes. */
const WIDTH = 120;
/** A map or list this short stands on one line. */
const SHORT = 100;

/**
 * A recipe's YAML as a person would have written it: short maps and lists on one line, long ones over several, quotes
 * only where YAML needs them. `comments` stand above the top-level keys they are named for.
 */
export function emit(tree: Tree, comments: Readonly<Record<string, string>> = {}): string {
  return Object.entries(tree)
    .map(([key, value]) => `${comment(comments[key])}${entry(key, value, 0)}`)
    .join("");
}

function comment(text: string | undefined): string {
  if (text === undefined) return "";
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length > WIDTH - 1) lines.push(`# ${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return `${lines.join("\n")}\n`;
}

function entry(key: string, value: unknown, depth: number): string {
  const pad = "  ".repeat(depth);
  const name = scalar(key);
  const line = `${pad}${name}: ${flow(value)}`;
  // Whole parts of a recipe are read better one key a line.
  const wide = depth === 0 && isTree(value) && Object.keys(value).length > 2;
  if (typeof value === "string") return `${pad}${name}: ${blockScalar(value)}\n`;
  if (!isNested(value) || (line.length <= SHORT && !wide)) return `${line}\n`;
  if (Array.isArray(value)) return `${pad}${name}:\n${value.map((one) => item(one, depth + 1)).join("")}`;
  return `${pad}${name}:\n${Object.entries(value)
    .map(([inner, one]) => entry(inner, one, depth + 1))
    .join("")}`;
}

function item(value: unknown, depth: number): string {
  const pad = "  ".repeat(depth);
  const line = `${pad}- ${flow(value)}`;
  if (!isTree(value) || line.length <= SHORT) return `${line}\n`;
  const block = Object.entries(value)
    .map(([key, one]) => entry(key, one, depth + 1))
    .join("");
  return `${pad}- ${block.slice(pad.length + 2)}`;
}

function isNested(value: unknown): value is Tree | readonly unknown[] {
  return Array.isArray(value) ? value.length > 0 : isTree(value) && Object.keys(value).length > 0;
}

function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (!isTree(value)) return scalar(value);
  const inner = Object.entries(value).map(([key, one]) => `${scalar(key)}: ${flow(one)}`);
  return inner.length === 0 ? "{}" : `{ ${inner.join(", ")} }`;
}

/** Plain where it reads back as the same. */
function blockScalar(text: string): string {
  return /^[\w./]/.test(text) && readsBack(text) ? text : JSON.stringify(text);
}

/** The same between commas and brackets. */
function scalar(value: unknown): string {
  if (typeof value !== "string") return String(value);
  return /^[\w./~+-][\w./~+() =@-]*$/.test(value) && readsBack(value) ? value : JSON.stringify(value);
}

function readsBack(text: string): boolean {
  try {
    return same(parse(`said: ${text}\n`), { said: text });
  } catch {
    return false;
  }
}
