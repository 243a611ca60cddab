import { dirname, resolve } from "node:path";
import type { Location } from "../diagnostic/diagnostic.js";
import { type Placed, plain } from "../diagnostic/placed.js";
import { namedFiles } from "../recipe/local.js";
import { isTree, type Tree } from "./tree.js";

/**
 * Plain data as the checks of recipes want it. Each value has a line of its own in a file that is not there yet, since
 * two mistakes at one place count as one.
 */
export function placedTree(tree: Tree, file = "recipe"): Placed {
  let line = 0;
  const place = (value: unknown): Placed => {
    const at: Location = { file, line: ++line, column: 1, length: 1 };
    if (Array.isArray(value)) return { kind: "list", at, values: value.map(place) };
    if (isTree(value)) {
      const entries = Object.entries(value).map(([key, inner]) => {
        const placed = place(inner);
        return [key, { key: { ...at, line: ++line }, value: placed }] as const;
      });
      return { kind: "map", at, entries: new Map(entries) };
    }
    const scalar = value as string | number | boolean | null;
    return { kind: "scalar", at, value: scalar, source: String(scalar) };
  };
  return place(tree);
}

/** A recipe as plain data; every value that names a file says where that is, whichever file named it. */
export function plainTree(root: Placed): Tree {
  const named = new Set(namedFiles(root).map(({ value }) => value));
  const absolute = (value: Placed): Placed => {
    if (value.kind === "list") return { ...value, values: value.values.map(absolute) };
    if (value.kind === "map") {
      const entries = [...value.entries].map(
        ([key, entry]) => [key, { ...entry, value: absolute(entry.value) }] as const,
      );
      return { ...value, entries: new Map(entries) };
    }
    if (!named.has(value) || typeof value.value !== "string") return value;
    return { ...value, value: resolve(dirname(value.at.file), value.value) };
  };
  const tree = plain(absolute(root));
  return isTree(tree) ? tree : {};
}
