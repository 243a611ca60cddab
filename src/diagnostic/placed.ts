import type { Location } from "./diagnostic.js";

/** A value of a YAML file that remembers where it stands, so that any later finding can point at it. */
export type Placed = PlacedMap | PlacedList | PlacedScalar;

export interface PlacedMap {
  readonly kind: "map";
  readonly at: Location;
  readonly entries: ReadonlyMap<string, { readonly key: Location; readonly value: Placed }>;
}

export interface PlacedList {
  readonly kind: "list";
  readonly at: Location;
  readonly values: readonly Placed[];
}

export interface PlacedScalar {
  readonly kind: "scalar";
  readonly at: Location;
  readonly value: string | number | boolean | null;
  /** As written, without quotes: `0644` where the value is the number 644. */
  readonly source: string;
}

export type Path = readonly (string | number)[];

/** The value below `root` at `path`, or undefined where there is none. */
export function find(root: Placed | undefined, ...path: Path): Placed | undefined {
  let value = root;
  for (const step of path) {
    if (value?.kind === "map") value = value.entries.get(String(step))?.value;
    else if (value?.kind === "list" && typeof step === "number") value = value.values[step];
    else return undefined;
  }
  return value;
}

/** The place of the key that holds `path`, or the value's own place where no key does (a list's value, the root). */
export function keyOf(root: Placed, path: Path): Location {
  const parent = find(root, ...path.slice(0, -1));
  const last = path.at(-1);
  const entry = parent?.kind === "map" && last !== undefined ? parent.entries.get(String(last)) : undefined;
  return entry?.key ?? find(root, ...path)?.at ?? root.at;
}

/** The text at `path`, or undefined when it is missing or no text; checks that run beside schema errors use it. */
export function textAt(
  root: Placed | undefined,
  ...path: Path
): { readonly text: string; readonly at: Location } | undefined {
  const value = find(root, ...path);
  return value?.kind === "scalar" && typeof value.value === "string" ? { text: value.value, at: value.at } : undefined;
}

/** The values of the list at `path`; empty when it is missing or no list. */
export function listAt(root: Placed | undefined, ...path: Path): readonly Placed[] {
  const value = find(root, ...path);
  return value?.kind === "list" ? value.values : [];
}

/** The entries of the map at `path`; empty when it is missing or no map. */
export function entriesAt(
  root: Placed | undefined,
  ...path: Path
): readonly { readonly name: string; readonly key: Location; readonly value: Placed }[] {
  const value = find(root, ...path);
  return value?.kind === "map" ? [...value.entries].map(([name, entry]) => ({ name, ...entry })) : [];
}

/** The bare value, as a schema reads it. */
export function plain(placed: Placed): unknown {
  if (placed.kind === "scalar") return placed.value;
  if (placed.kind === "list") return placed.values.map(plain);
  return Object.fromEntries([...placed.entries].map(([name, { value }]) => [name, plain(value)]));
}

/** Every scalar below `root` with its path, in the file's order. */
export function* scalars(
  root: Placed,
  path: Path = [],
): Generator<{ readonly path: Path; readonly scalar: PlacedScalar }> {
  if (root.kind === "scalar") yield { path, scalar: root };
  else if (root.kind === "list") for (const [i, value] of root.values.entries()) yield* scalars(value, [...path, i]);
  else for (const [name, { value }] of root.entries) yield* scalars(value, [...path, name]);
}
