import type { Path, Placed } from "../diagnostic/placed.js";

/** Keys of one map that exclude each other: a later one displaces the earlier one, or the earlier map as a whole. */
export interface Exclusive {
  readonly keys: readonly string[];
  readonly displaces: "key" | "map";
}

/** Which keys exclude each other in the map at `path`. */
export type Exclusives = (path: Path) => readonly Exclusive[];

/**
 * `over` laid on `base`: maps merge deeply, anything else of `over` replaces what `base` has.
 * Every value keeps its own place, so that an error points into the file that said it.
 */
export function merge(base: Placed, over: Placed, exclusives: Exclusives = () => [], path: Path = []): Placed {
  if (base.kind !== "map" || over.kind !== "map") return over;
  const entries = new Map(base.entries);
  for (const { keys, displaces } of exclusives(path)) {
    const now = keys.filter((key) => over.entries.has(key));
    const before = keys.filter((key) => base.entries.has(key));
    if (now.length === 0 || before.every((key) => now.includes(key))) continue;
    if (displaces === "map") return over;
    for (const key of before) entries.delete(key);
  }
  for (const [name, { key, value }] of over.entries) {
    const under = entries.get(name);
    entries.set(name, { key, value: under ? merge(under.value, value, exclusives, [...path, name]) : value });
  }
  return { kind: "map", at: over.at, entries };
}
