import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { find, plain, scalars } from "../../../src/diagnostic/placed.js";
import { parseYaml } from "../../../src/diagnostic/yaml.js";

function root(text: string) {
  const { root, diagnostics } = parseYaml("f.yaml", text);
  expect(diagnostics).toEqual([]);
  if (!root) throw new Error("no root");
  return root;
}

describe("parseYaml", () => {
  test("reads what yaml wrote, and every place shows the value's own text", () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9]{0,7}$/);
    const { map } = fc.letrec((tie) => ({
      any: fc.oneof({ depthSize: "small" }, fc.integer(), word, fc.array(tie("any"), { maxLength: 3 }), tie("map")),
      map: fc.dictionary(word, tie("any"), { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
    }));
    fc.assert(
      fc.property(map, (value) => {
        const tree = root(stringify(value));
        expect(plain(tree)).toEqual(value);
        for (const { path, scalar } of scalars(tree)) {
          expect(find(tree, ...path)).toBe(scalar);
          const { text = "", column, length } = scalar.at;
          expect(text.slice(column - 1, column - 1 + length).replaceAll('"', "")).toBe(scalar.source);
        }
      }),
    );
  });

  test("columns count characters, whatever their length in UTF-16", () => {
    const value = find(root("a: { 🐢: x }\n"), "a", "🐢");
    expect(value?.at).toMatchObject({ line: 1, column: 9, length: 1 });
  });

  test("an alias stands for its anchor's value, at the anchor's place", () => {
    const tree = root("a: &x { one: 1 }\nb: *x\n");
    expect(plain(tree)).toEqual({ a: { one: 1 }, b: { one: 1 } });
    expect(find(tree, "b", "one")?.at.line).toBe(1);
  });

  test("Windows' line ends do not belong to the line", () => {
    expect(find(root("a: 1\r\nb: two\r\n"), "b")?.at).toMatchObject({ line: 2, column: 4, length: 3, text: "b: two" });
  });

  test("a key without a value is nothing, at its key", () => {
    const value = find(root("a:\nb: 1\n"), "a");
    expect(value).toMatchObject({ kind: "scalar", value: null, at: { line: 1, column: 1, length: 1 } });
  });
});
