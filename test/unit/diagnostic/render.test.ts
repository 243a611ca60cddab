import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Diagnostic } from "../../../src/diagnostic/diagnostic.js";
import { render, renderDiagnostics } from "../../../src/diagnostic/render.js";

const mistake: Diagnostic = {
  severity: "error",
  code: "unknown-key",
  message: 'unknown key "sorce"',
  at: { file: "/home/ada/recipes/x.yaml", line: 12, column: 3, length: 5, text: "  sorce: linux" },
  help: 'did you mean "source"?',
};

describe("render", () => {
  test("a mistake with its place, a squiggle and what to do", () => {
    expect(render(mistake, { cwd: "/home/ada" })).toBe(
      [
        'recipes/x.yaml:12:3: error: unknown key "sorce" [unknown-key]',
        "  12 |   sorce: linux",
        "     |   ^^^^^",
        '  help: did you mean "source"?',
      ].join("\n"),
    );
  });

  test("a path above the folder stays whole", () => {
    expect(render(mistake, { cwd: "/home/eve" })).toContain("/home/ada/recipes/x.yaml:12:3: ");
  });

  test("several: by file and line, with a count", () => {
    const earlier: Diagnostic = { ...mistake, severity: "warning", message: "first", at: { ...at(mistake), line: 2 } };
    const nowhere: Diagnostic = { severity: "error", code: "no-place", message: "nowhere" };
    const text = renderDiagnostics([mistake, nowhere, earlier]);
    expect(text.split("\n").filter((line) => /error|warning/.test(line))).toEqual([
      "error: nowhere [no-place]",
      "/home/ada/recipes/x.yaml:2:3: warning: first [unknown-key]",
      '/home/ada/recipes/x.yaml:12:3: error: unknown key "sorce" [unknown-key]',
      "2 errors, 1 warning",
    ]);
    expect(renderDiagnostics([])).toBe("");
  });

  test("a tab stays a tab, so that the squiggle stands under its place", () => {
    const text = render({ ...mistake, at: { ...at(mistake), column: 2, text: "\tsorce: x" } });
    expect(text.split("\n")[2]).toBe("     | \t^^^^^");
  });

  test("wide characters take two columns of the squiggle", () => {
    const text = render({ ...mistake, at: { ...at(mistake), column: 4, length: 2, text: "木: 板金 x" } });
    expect(text.split("\n").slice(1, 3)).toEqual(["  12 | 木: 板金 x", "     |     ^^^^"]);
  });

  test("control characters of a file never reach the terminal", () => {
    const text = render({
      ...mistake,
      message: "a\u001b[2Jb",
      at: { ...at(mistake), text: "  so\u001b]0;x\u0007: y" },
    });
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  test("in colour it says the same", () => {
    const coloured = render(mistake, { colour: true });
    expect(coloured).not.toBe(render(mistake));
    expect(stripVTControlCharacters(coloured)).toBe(render(mistake));
  });

  test("whatever the place, the squiggle lies under the shown part of the line and is never empty", () => {
    const place = fc.record({
      text: fc.string({ unit: fc.constantFrom("a", " ", ":", "-"), maxLength: 300 }),
      column: fc.integer({ min: 1, max: 320 }),
      length: fc.integer({ min: 1, max: 320 }),
      columns: fc.integer({ min: 20, max: 200 }),
    });
    fc.assert(
      fc.property(place, ({ text, column, length, columns }) => {
        const lines = render({ ...mistake, at: { file: "f", line: 1, column, length, text } }, { columns }).split("\n");
        const [, source = "", under = ""] = lines;
        expect(under).toMatch(/^ {4}\| *\^+$/);
        expect(under.length).toBeLessThanOrEqual(Math.max(source.length, 7) + 1);
        expect(source.length).toBeLessThanOrEqual(Math.max(columns, 37));
        // The first character underlined is the one the place names.
        if (column <= text.length) expect(source[under.indexOf("^")]).toBe(text[column - 1]);
      }),
    );
  });
});

function at(diagnostic: Diagnostic) {
  if (!diagnostic.at) throw new Error("no place");
  return diagnostic.at;
}
