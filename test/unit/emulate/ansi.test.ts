import fc from "fast-check";
import { expect, test } from "vitest";
import { stripAnsi } from "../../../src/emulate/ansi.js";

const cases: readonly (readonly [string, string])[] = [
  ["\u001b[0;1;31mFailed\u001b[0m to start\r\n", "Failed to start\r\n"],
  ["\u001b[?2004hroot@cubieboard:~# ", "root@cubieboard:~# "],
  ["\u001b]0;root@cubieboard: ~\u0007root@cubieboard:~# ", "root@cubieboard:~# "],
  ["\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\", "link"],
  ["stop autoboot:  2 \b\b\b 1 \b\b\b 0 \r\n", "stop autoboot:  2  1  0 \r\n"],
  ["\u001b[?25h\u001b[2Jzwölf\ttab\u0007", "zwölf\ttab"],
  ["\u001b(B\u001b7text\u001b8\u001bc", "text"],
];

test.each(cases)("%j is read as %j", (raw, plain) => {
  expect(stripAnsi(raw)).toEqual({ text: plain, rest: "" });
});

test("however a console's output is cut in pieces, the text is the same", () => {
  const raw = cases.map(([text]) => text).join("");
  const plain = cases.map(([, text]) => text).join("");
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: raw.length }), { maxLength: 40 }), (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), raw.length];
      let read = "";
      let rest = "";
      for (const [index, from] of places.slice(0, -1).entries()) {
        const stripped = stripAnsi(rest + raw.slice(from, places[index + 1]));
        read += stripped.text;
        rest = stripped.rest;
      }
      expect(read + rest).toBe(plain);
    }),
  );
});
