import type { Json } from "../util/canonical.js";

const MOST = 8;
const WIDEST = 100;

/** Lines that are only in one of two texts, `+` and `-` in front; the first few, each cut to a terminal's width. */
export function lineDifference(was: string, is: string): readonly string[] {
  const [before, after] = [was.split("\n"), is.split("\n")];
  const gone = surplus(before, after).map((line) => `-${line}`);
  const come = surplus(after, before).map((line) => `+${line}`);
  const lines = [...gone, ...come].filter((line) => line.trim().length > 1);
  return cut(lines.length > 0 ? lines : ["only the order or the white space of its lines"]);
}

/** Members that are only in one of two lists: `NAME added`, `NAME removed`. */
export function listDifference(was: Json | undefined, is: Json | undefined): readonly string[] {
  const list = (value: Json | undefined): string[] => (Array.isArray(value) ? value.map((one: Json) => show(one)) : []);
  const [before, after] = [list(was), list(is)];
  return [
    ...surplus(after, before).map((one) => `${one} added`),
    ...surplus(before, after).map((one) => `${one} removed`),
  ];
}

/** Where two values differ: `provision.hostname: "a" → "b"`. */
export function valueDifference(was: Json | undefined, is: Json | undefined): readonly string[] {
  return cut(differences(was, is, ""));
}

function differences(was: Json | undefined, is: Json | undefined, at: string): string[] {
  if (JSON.stringify(was) === JSON.stringify(is)) return [];
  const place = at === "" ? "" : `${at}: `;
  if (Array.isArray(was) && Array.isArray(is)) {
    // Lists of named things (users, partitions) are compared by name, all others by what is in them.
    const [before, after] = [byName(was), byName(is)];
    if (before && after) return differences(before, after, at);
    const changes = listDifference(was, is);
    return changes.length > 0 ? changes.map((line) => `${place}${line}`) : [`${place}another order`];
  }
  if (isMap(was) && isMap(is)) {
    const names = [...new Set([...Object.keys(was), ...Object.keys(is)])].sort();
    return names.flatMap((name) => differences(was[name], is[name], at === "" ? name : `${at}.${name}`));
  }
  if (was === undefined) return [`${place}${show(is)} added`];
  if (is === undefined) return [`${place}${show(was)} removed`];
  return [`${place}${show(was)} → ${show(is)}`];
}

const isMap = (value: Json | undefined): value is { readonly [name: string]: Json } =>
  value !== null && typeof value === "object" && !Array.isArray(value);

function byName(list: readonly Json[]): { readonly [name: string]: Json } | undefined {
  const named = list.map((one) => [isMap(one) ? one.name : undefined, one] as const);
  if (named.some(([name]) => typeof name !== "string")) return undefined;
  return Object.fromEntries(named.map(([name, one]) => [String(name), one]));
}

function surplus(list: readonly string[], other: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const one of other) left.set(one, (left.get(one) ?? 0) + 1);
  return list.filter((one) => {
    const count = left.get(one) ?? 0;
    left.set(one, count - 1);
    return count <= 0;
  });
}

const show = (value: Json | undefined): string =>
  typeof value === "string" && /^[\w./:@+~-]+$/.test(value) ? value : JSON.stringify(value ?? null);

function cut(lines: readonly string[]): readonly string[] {
  const short = lines.map((line) => (line.length > WIDEST ? `${line.slice(0, WIDEST - 1)}…` : line));
  return short.length > MOST ? [...short.slice(0, MOST), `… and ${short.length - MOST} more`] : short;
}
