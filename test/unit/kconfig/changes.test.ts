import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changes, differences } from "../../../src/kconfig/changes.js";
import { parseDotConfig } from "../../../src/kconfig/dot-config.js";
import { writeFragment } from "../../../src/kconfig/write-fragment.js";

const off = (symbol: string) => `# CONFIG_${symbol} is not set`;

describe("changes", () => {
  it("names what was switched on, not what it selected", () => {
    const before = { full: [off("DM_RAID"), "CONFIG_MD=y"].join("\n"), minimal: "CONFIG_MD=y" };
    const after = {
      full: ["CONFIG_DM_RAID=m", "CONFIG_MD=y", "CONFIG_MD_RAID1=m", "CONFIG_RAID6_PQ=m"].join("\n"),
      minimal: ["CONFIG_MD=y", "CONFIG_DM_RAID=m"].join("\n"),
    };
    expect([...changes(before, after)]).toEqual([["DM_RAID", "m"]]);
  });

  it("names what went back to its default, since the recipe's defconfig still asks for the old value", () => {
    const before = { full: "CONFIG_HZ=250\nCONFIG_SOUND=y", minimal: "CONFIG_HZ=250\nCONFIG_SOUND=y" };
    const after = { full: `CONFIG_HZ=100\n${off("SOUND")}`, minimal: "" };
    expect([...changes(before, after)]).toEqual([
      ["HZ", "100"],
      ["SOUND", "n"],
    ]);
  });

  it("leaves out what only went out of sight with its menu", () => {
    const before = { full: "CONFIG_SOUND=y\nCONFIG_SND=y", minimal: "CONFIG_SOUND=y\nCONFIG_SND=y" };
    const after = { full: off("SOUND"), minimal: "" };
    expect([...changes(before, after)]).toEqual([["SOUND", "n"]]);
  });

  it("names what was switched off although on by default", () => {
    const before = { full: "CONFIG_SWAP=y", minimal: "" };
    const after = { full: off("SWAP"), minimal: off("SWAP") };
    expect([...changes(before, after)]).toEqual([["SWAP", "n"]]);
  });

  it("gives nothing for nothing", () => {
    const same = { full: "CONFIG_A=y", minimal: "CONFIG_A=y" };
    expect(changes(same, same).size).toBe(0);
  });
});

describe("writeFragment", () => {
  it("keeps comments and other lines, replaces in place, appends the rest", () => {
    const text = `# why\nCONFIG_A=y\n${off("B")}\nCONFIG_C=m\n`;
    const symbols = new Map([
      ["B", "y"],
      ["D", '"x"'],
      ["A", "n"],
    ]);
    expect(writeFragment(text, symbols)).toBe(`# why\n${off("A")}\nCONFIG_B=y\nCONFIG_C=m\nCONFIG_D="x"\n`);
  });

  const symbol = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,8}$/);
  const value = fc.oneof(fc.constantFrom("y", "m", "n"), fc.integer().map(String), fc.constant('"text"'));
  const config = fc.uniqueArray(fc.tuple(symbol, value), { selector: ([name]) => name }).map((pairs) => new Map(pairs));

  it("applied over a configuration, gives exactly the wanted one", () => {
    fc.assert(
      fc.property(config, config, (from, to) => {
        const before = writeFragment("", from);
        const wanted = new Map([...from, ...to]);
        const written = writeFragment(before, differences(before, writeFragment("", wanted)));
        for (const [name, is] of wanted) expect(parseDotConfig(written).get(name) ?? "n").toBe(is);
        expect(differences(written, writeFragment("", wanted)).size).toBe(0);
      }),
    );
  });
});
