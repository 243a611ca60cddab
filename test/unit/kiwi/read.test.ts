import { describe, expect, test } from "vitest";
import { choose } from "../../../src/kiwi/chosen.js";
import { kiwiPackages } from "../../../src/kiwi/packages.js";
import { descriptionFile, readDescription } from "../../../src/kiwi/read-description.js";
import { below, readXml } from "../../../src/kiwi/read-xml.js";

const TEXT = `<?xml version="1.0"?>
<image schemaversion="7.5" name="card">
  <profiles>
    <profile name="base" description="what all have" import="true"/>
    <profile name="server" description="more"><requires profile="base"/></profile>
  </profiles>
  <preferences><type image="tbz"/></preferences>
  <preferences profiles="server"><type image="oem" primary="true"/></preferences>
  <packages type="bootstrap"><package name="glibc"/></packages>
  <packages type="image" profiles="base">
    <package name="systemd"/><package name="grub2" arch="x86_64,aarch64"/><package name="glibc"/><ignore name="perl"/>
  </packages>
  <packages type="image" profiles="server" patternType="plusRecommended"><namedCollection name="kvm"/></packages>
  <packages type="oem"><package name="repart"/></packages>
  <packages type="delete"><package name="systemd"/></packages>
</image>
`;
const description = () => {
  const { description: found } = readDescription("config.xml", TEXT);
  if (!found) throw new Error("it was not read");
  return found;
};
const names = (all: readonly { readonly name: string }[]) => all.map(({ name }) => name);

describe("XML", () => {
  test("is read with the place of every element", () => {
    const { root } = readXml("a.xml", '<a>\r\n  <b c="1 &amp; 2">t<!-- no --><![CDATA[<x>]]></b>\n  é<d/>\n</a>');
    expect(
      root?.children.map(({ name, at, attributes, text }) => [name, at.line, at.column, attributes, text]),
    ).toEqual([
      ["b", 2, 4, { c: "1 & 2" }, "t<x>"],
      ["d", 3, 5, {}, ""],
    ]);
    expect(root?.at.text).toBe("<a>");
    expect(root?.text).toBe("é");
  });

  test.each([
    ["<a>\n  <b>\n  </c>\n</a>", 3, "</c> stands where <b> of line 2 is still open"],
    ["<a>\n  <b c=d/>\n</a>", 2, "unquoted attribute value"],
    ["<a>\n", 1, "unclosed tag: a"],
    ["", 1, "document must contain a root element"],
    ["<a>&other;</a>", 1, "undefined entity"],
  ])("that is none is told with its place: %j", (text, line, words) => {
    const { root, diagnostics } = readXml("a.xml", text);
    expect(root).toBeUndefined();
    expect(diagnostics).toMatchObject([{ code: "xml-syntax", message: expect.stringContaining(words), at: { line } }]);
  });
});

describe("a description", () => {
  test("without a wish is its profiles by default", () => {
    const chosen = choose(description(), [], "armv7hl");
    expect(chosen.profiles).toEqual(["base"]);
    expect(chosen.type?.attributes.image).toBe("tbz");
    expect(kiwiPackages(chosen)).toMatchObject({ recommends: false, patterns: [] });
  });

  test("has the packages of its profiles with those that they require, of its type and architecture, once", () => {
    const chosen = choose(description(), ["server"], "armv7hl");
    expect(chosen.type?.attributes.image).toBe("oem");
    const { packages, patterns, exclude, recommends, removed } = kiwiPackages(chosen);
    expect(names(packages)).toEqual(["glibc", "systemd", "repart"]);
    expect([names(patterns), names(exclude), names(removed), recommends]).toEqual([
      ["kvm"],
      ["perl"],
      ["systemd"],
      true,
    ]);
    expect(packages[1]?.at).toMatchObject({ file: "config.xml", line: 11, column: 6 });
    expect(names(kiwiPackages(choose(description(), ["base"], "aarch64")).packages)).toContain("grub2");
    expect(below(description().root, "packages")).toHaveLength(5);
  });

  test("is config.xml, or the only .kiwi file of its folder", () => {
    expect(descriptionFile(["a.kiwi", "config.xml"])).toBe("config.xml");
    expect(descriptionFile(["a.kiwi", "config.sh"])).toBe("a.kiwi");
    expect(descriptionFile(["a.kiwi", "b.kiwi"])).toBeUndefined();
  });
});
