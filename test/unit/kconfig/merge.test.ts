import { expect, it } from "vitest";
import { mergeFragments } from "../../../src/kconfig/merge.js";

it("lets later fragments win, in the order of their last mention, and names both parties", () => {
  const merged = mergeFragments([
    { name: "lvm2", text: "CONFIG_DM_RAID=m\nCONFIG_MD=y\n" },
    { name: "mine.config", text: "\n# CONFIG_DM_RAID is not set\nCONFIG_MD=y\n" },
  ]);
  expect(merged.asks.map(({ symbol, value, at }) => [symbol, value, at.file])).toEqual([
    ["DM_RAID", "n", "mine.config"],
    ["MD", "y", "mine.config"],
  ]);
  expect(merged.diagnostics).toEqual([
    {
      severity: "warning",
      code: "fragment-conflict",
      message: "CONFIG_DM_RAID=n overrules CONFIG_DM_RAID=m of lvm2:1",
      at: { file: "mine.config", line: 2, column: 1, length: 27, text: "# CONFIG_DM_RAID is not set" },
      help: "the later one wins; drop one of the two lines",
      related: [
        {
          message: "asked for first here",
          at: { file: "lvm2", line: 1, column: 1, length: 16, text: "CONFIG_DM_RAID=m" },
        },
      ],
    },
  ]);
});

it("passes on the mistakes of every fragment", () => {
  const { diagnostics } = mergeFragments([
    { name: "a", text: "X=y" },
    { name: "b", text: "CONFIG_Y = y" },
  ]);
  expect(diagnostics.map(({ at }) => at?.file)).toEqual(["a", "b"]);
});
