import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Placed, plain } from "../../../src/diagnostic/placed.js";
import { merge } from "../../../src/recipe/merge.js";

const at = (file: string) => ({ file, line: 1, column: 1, length: 1 });

/** A placed tree of the given file for a bare value. */
function placed(value: unknown, file: string): Placed {
  if (Array.isArray(value)) return { kind: "list", at: at(file), values: value.map((one) => placed(one, file)) };
  if (value !== null && typeof value === "object") {
    const entries = Object.entries(value).map(
      ([name, one]) => [name, { key: at(file), value: placed(one, file) }] as const,
    );
    return { kind: "map", at: at(file), entries: new Map(entries) };
  }
  return { kind: "scalar", at: at(file), value: value as string, source: String(value) };
}

const key = fc.constantFrom("a", "b", "c", "d");
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: "small" },
    fc.integer(),
    fc.string(),
    fc.array(fc.integer(), { maxLength: 3 }),
    tie("map"),
  ),
  map: fc.dictionary(key, tie("any"), { maxKeys: 4 }),
}));
const map = value.map as fc.Arbitrary<Record<string, unknown>>;

function expected(base: unknown, over: unknown): unknown {
  const isMap = (one: unknown): one is Record<string, unknown> =>
    one !== null && typeof one === "object" && !Array.isArray(one);
  if (!isMap(base) || !isMap(over)) return over;
  const keys = [...Object.keys(base), ...Object.keys(over).filter((name) => !(name in base))];
  return Object.fromEntries(
    keys.map((name) => [
      name,
      name in over ? (name in base ? expected(base[name], over[name]) : over[name]) : base[name],
    ]),
  );
}

describe("merge", () => {
  test("maps deeply, replaces all else", () => {
    fc.assert(
      fc.property(map, map, (base, over) => {
        expect(plain(merge(placed(base, "base"), placed(over, "over")))).toEqual(expected(base, over));
      }),
    );
  });

  test("an empty map changes nothing on either side", () => {
    fc.assert(
      fc.property(map, (a) => {
        expect(plain(merge(placed({}, "e"), placed(a, "a")))).toEqual(a);
        expect(plain(merge(placed(a, "a"), placed({}, "e")))).toEqual(a);
      }),
    );
  });

  // Where a later file makes a leaf of a map, the order of merging does matter; recipes of one schema never do that.
  test("is associative where a key holds a map in all files or in none", () => {
    const leaves = fc.dictionary(fc.constantFrom("x", "y", "z"), fc.integer(), { maxKeys: 3 });
    const shaped = fc.record({ a: leaves, b: fc.record({ c: leaves }), d: fc.integer() }, { requiredKeys: [] });
    fc.assert(
      fc.property(shaped, shaped, shaped, (a, b, c) => {
        const [x, y, z] = [placed(a, "a"), placed(b, "b"), placed(c, "c")];
        expect(plain(merge(merge(x, y), z))).toEqual(plain(merge(x, merge(y, z))));
      }),
    );
  });

  test("every value keeps the file it came from", () => {
    fc.assert(
      fc.property(map, map, (base, over) => {
        const merged = merge(placed(base, "base"), placed(over, "over"));
        if (merged.kind !== "map") throw new Error("not a map");
        for (const [name, entry] of merged.entries) expect(entry.key.file).toBe(name in over ? "over" : "base");
      }),
    );
  });

  test("keys that exclude each other displace the key or the map", () => {
    const exclusives = () => [
      { keys: ["git", "http"], displaces: "map" as const },
      { keys: ["branch", "tag"], displaces: "key" as const },
    ];
    const laid = (base: object, over: object) => plain(merge(placed(base, "b"), placed(over, "o"), exclusives));
    expect(laid({ git: 1, branch: 2, deep: 3 }, { tag: 4 })).toEqual({ git: 1, tag: 4, deep: 3 });
    expect(laid({ git: 1, branch: 2 }, { http: 5 })).toEqual({ http: 5 });
    expect(laid({ git: 1, branch: 2 }, { git: 6 })).toEqual({ git: 6, branch: 2 });
    // Two of one kind in the same file stay, so that the mistake is reported where it was made.
    expect(laid({ git: 1 }, { branch: 2, tag: 3 })).toEqual({ git: 1, branch: 2, tag: 3 });
  });
});
