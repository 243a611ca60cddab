import { expect, test } from "vitest";
import { Screen } from "../../rig/screen.js";

test("the tests' own screen shows what a terminal would, whatever pieces it comes in", () => {
  const whole = [
    "\u001b[!p\u001b]104\u001b\\\u001b]0;title\u0007\u001bP+q\u001b\\\u001b(B\u001b[?25lone\r\ntwo\r\nthree\r\n",
    "\u001b[2A\u001b[2K\rTWO\u001b[1B\r\u001b[Ktrois\u001b[1;2HN\u001b[38;5;1mE\u001b[m\u001b[4;1Hfour\nfive\n",
  ].join("");
  const shown = ["oNE", "TWO", "trois", "four", "    five"].join("\n");
  const [one, bits] = [new Screen(8, 20), new Screen(8, 20)];
  one.write(whole);
  for (const character of whole) bits.write(character);
  expect(one.text).toBe(shown);
  expect(bits.text).toBe(shown);
});

test("the tests' own screen scrolls at its end", () => {
  const screen = new Screen(3, 10);
  screen.write("a\r\nb\r\nc\r\nd");
  expect(screen.text).toBe("b\nc\nd");
});
