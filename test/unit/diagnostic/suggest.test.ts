import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { closest, didYouMean } from "../../../src/diagnostic/suggest.js";

describe("closest", () => {
  test.each([
    ["defconfg", "defconfig"],
    ["ssh_keys", "ssh-keys"],
    ["Board", "board"],
    ["lniux", "linux"],
    ["cubiboard2", "cubieboard2"],
  ])("%s is %s", (word, meant) => {
    expect(closest(word, ["defconfig", "ssh-keys", "board", "linux", "cubieboard", "cubieboard2"])).toBe(meant);
  });

  test("nothing near is nothing", () => {
    expect(closest("colour", ["defconfig", "patches"])).toBeUndefined();
    expect(didYouMean("colour", ["defconfig", "patches"])).toBe("known are defconfig, patches");
    expect(didYouMean("colour", ["defconfig"])).toBe("the only one known is defconfig");
    expect(didYouMean("colour", [])).toBeUndefined();
  });

  test("one swapped pair of letters is always found", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "c", "d", "e"), minLength: 4, maxLength: 12 });
    fc.assert(
      fc.property(word, fc.nat(), (meant, seed) => {
        const i = seed % (meant.length - 1);
        const slip = meant.slice(0, i) + meant[i + 1] + meant[i] + meant.slice(i + 2);
        expect(closest(slip, ["zzzzzzzz", meant])).toBe(meant);
      }),
    );
  });
});
