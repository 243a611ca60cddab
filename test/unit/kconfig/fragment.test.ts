import { describe, expect, it } from "vitest";
import { parseFragment } from "../../../src/kconfig/fragment.js";

const read = (text: string) => parseFragment({ name: "my.config", text });
const asked = (text: string) => read(text).asks.map(({ symbol, value }) => `${symbol}=${value}`);

describe("parseFragment", () => {
  it("reads every form of value, is-not-set lines and line ends of both kinds", () => {
    const text = [
      "# a comment",
      "CONFIG_MD=y",
      "CONFIG_DM_RAID=m\r",
      "CONFIG_KCMP=n",
      "# CONFIG_VT is not set",
      "CONFIG_LOG_BUF_SHIFT=17",
      "CONFIG_PAGE_OFFSET=0xC0000000",
      'CONFIG_CMDLINE="console=ttyS0 x=\\"y\\" # no comment"',
      'CONFIG_LOCALVERSION=""',
      "#CONFIG_OLD=y",
      "",
    ].join("\n");
    expect(read(text).diagnostics).toEqual([]);
    expect(asked(text)).toEqual([
      "MD=y",
      "DM_RAID=m",
      "KCMP=n",
      "VT=n",
      "LOG_BUF_SHIFT=17",
      "PAGE_OFFSET=0xC0000000",
      'CMDLINE="console=ttyS0 x=\\"y\\" # no comment"',
      'LOCALVERSION=""',
    ]);
  });

  it("says where each symbol stands", () => {
    expect(read("\nCONFIG_MD=y\n").asks[0]?.at).toEqual({
      file: "my.config",
      line: 2,
      column: 1,
      length: 11,
      text: "CONFIG_MD=y",
    });
  });

  const wrong: readonly (readonly [string, string, string])[] = [
    ["CONFIG_FOO = y", "Kconfig allows no blank before CONFIG_ or around the equals sign", "write CONFIG_FOO=y"],
    ["  CONFIG_FOO=y", "Kconfig allows no blank before CONFIG_ or around the equals sign", "write CONFIG_FOO=y"],
    ["FOO=y", '"FOO" lacks its CONFIG_ prefix', "write CONFIG_FOO=y"],
    ["CONFIG_FOO=yes", '"yes" is no value of Kconfig\'s', "write CONFIG_FOO=y"],
    ["CONFIG_FOO=N", '"N" is no value of Kconfig\'s', "write CONFIG_FOO=n"],
    ['CONFIG_FOO="m"x', 'the text "m"x does not end where the line ends', 'write " inside a text as \\"'],
    ["CONFIG_FOO=module", '"module" is no value of Kconfig\'s', "write CONFIG_FOO=m"],
    ["CONFIG_FOO=y # why", "a comment must stand on a line of its own", "write CONFIG_FOO=y"],
    ["CONFIG_FOO=bar", '"bar" is no value of Kconfig\'s', 'a text stands in quotes: CONFIG_FOO="bar"'],
    ["CONFIG_FOO=", "CONFIG_FOO has no value", 'write "# CONFIG_FOO is not set", or CONFIG_FOO="" for an empty text'],
    ['CONFIG_FOO="bar', 'the text "bar does not end where the line ends', 'write " inside a text as \\"'],
    [
      "CONFIG_FOO",
      '"CONFIG_FOO" is no line of a Kconfig fragment',
      'a line is CONFIG_NAME=value, or "# CONFIG_NAME is not set"',
    ],
  ];
  it.each(wrong)("refuses %s", (text, message, help) => {
    const at = {
      file: "my.config",
      line: 1,
      column: text.length - text.trimStart().length + 1,
      length: text.trim().length,
      text,
    };
    expect(read(text)).toEqual({
      asks: [],
      diagnostics: [{ severity: "error", code: "bad-fragment", message, at, help }],
    });
  });

  it.each(["#CONFIG_FOO is not set", "# CONFIG_FOO not set", "#  CONFIG_FOO is not set"])(
    "warns of %s, a mere comment",
    (text) => {
      const { asks, diagnostics } = read(text);
      expect(asks).toEqual([]);
      expect(diagnostics).toMatchObject([
        {
          severity: "warning",
          message: "Kconfig reads this line as a comment, so FOO is not switched off",
          help: 'write exactly "# CONFIG_FOO is not set"',
        },
      ]);
    },
  );
});
