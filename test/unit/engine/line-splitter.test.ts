import fc from "fast-check";
import { expect, test } from "vitest";
import { LineSplitter } from "../../../src/engine/line-splitter.js";

function split(chunks: readonly Uint8Array[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.write(chunk);
  splitter.end();
  return lines;
}

const of = (...texts: readonly string[]) => split(texts.map((text) => Buffer.from(text)));

test("line ends of all kinds", () => {
  expect(of("a\nb\n")).toEqual(["a", "b"]);
  expect(of("a\r\nb\r\n")).toEqual(["a", "b"]);
  expect(of("a\n\nb")).toEqual(["a", "", "b"]);
  expect(of("a\r\n\r\nb")).toEqual(["a", "", "b"]);
  expect(of("")).toEqual([]);
  expect(of("no end")).toEqual(["no end"]);
});

test("a progress display gives its states, without the empty ones", () => {
  expect(of("10%\r20%\r30%\n")).toEqual(["10%", "20%", "30%"]);
  expect(of("\r10%\r", "\r20%\r\r\n")).toEqual(["10%", "20%"]);
});

test("a line end split between chunks is one", () => {
  expect(of("a\r", "\nb")).toEqual(["a", "b"]);
  expect(of("a\r", "b\n")).toEqual(["a", "b"]);
  expect(of("a\r", "", "\nb")).toEqual(["a", "b"]);
});

test("UTF-8 and line ends may be cut anywhere", () => {
  const piece = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 6 }),
    fc.constantFrom("\n", "\r\n", "\r", "ß", "€", "🙂"),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.array(fc.nat(), { maxLength: 20 }), (pieces, cuts) => {
      const bytes = Buffer.from(pieces.join(""));
      const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
      const chunks = places.slice(1).map((to, i) => bytes.subarray(places[i] ?? 0, to));
      expect(split(chunks)).toEqual(split([bytes]));
    }),
  );
});

test("whole text is kept when lines end with \\n", () => {
  const line = fc.string({ unit: "grapheme", maxLength: 12 }).filter((text) => !/[\r\n]/.test(text));
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      expect(of(lines.map((text) => `${text}\n`).join(""))).toEqual(lines);
    }),
  );
});

test("a line that never ends is cut, not collected for ever", () => {
  const lines = split(Array.from({ length: 40 }, () => Buffer.alloc(64 * 1024, "x")));
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.join("").length).toBe(40 * 64 * 1024);
});

test("long lines in small chunks and many small lines take linear time", () => {
  const start = performance.now();
  split(Array.from({ length: 200_000 }, () => Buffer.from("xxxx")));
  split([Buffer.from("\r".repeat(200_000)), Buffer.from("x\r".repeat(200_000))]);
  // Searching everything again at each step would take half a minute and more.
  expect(performance.now() - start).toBeLessThan(6000);
});
