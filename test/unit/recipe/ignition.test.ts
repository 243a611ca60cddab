import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseJson } from "../../../src/diagnostic/json.js";
import { plain } from "../../../src/diagnostic/placed.js";
import { checkIgnition } from "../../../src/recipe/ignition.js";

describe("JSON with places", () => {
  test("is what JSON.parse reads", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 4 }), (value, indent) => {
        const parsed = parseJson("x.json", JSON.stringify(value, null, indent));
        expect(parsed.diagnostics).toEqual([]);
        // JSON.stringify drops what has no JSON, and -0 comes back as 0.
        expect("root" in parsed && JSON.stringify(plain(parsed.root))).toBe(JSON.stringify(value));
      }),
    );
  });

  test("refuses exactly what JSON.parse refuses", () => {
    const sound = '{"a": [1, -2.5e+3, "b\\u00e9\\n", true, null, {}], "c": {"d": []}}';
    const stray = fc.constantFrom(..."{}[],:\"'\\\\0-+.eE truefalsnl\t\u0001");
    fc.assert(
      fc.property(fc.nat(sound.length), fc.nat(2), stray, (at, cut, sign) => {
        const text = sound.slice(0, at) + sign + sound.slice(at + cut);
        const parsed = parseJson("x.json", text);
        // A key that stands there twice is legal, and never meant.
        const twice = parsed.diagnostics.some(({ message }) => message.includes("a second time"));
        expect("root" in parsed || twice, text).toBe(isJson(text));
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ["{", "1:1", "this map has no }"],
    ["", "1:1", "a value is missing here"],
    ['{\n  "a": 1\n  "b": 2\n}', "3:3", "a comma or a } is missing here"],
    ['{ "a": 1, }', "1:11", "a key is missing here"],
    ["{ 'a': 1 }", "1:3", "a key is missing here"],
    ['["é", 01]', "1:7", "a value is missing here"],
    ['{ "a" 1 }', "1:7", "a colon is missing behind the key"],
    ['{ "a": 1, "a": 2 }', "1:11", 'key "a" stands here a second time'],
    ["{} {}", "1:4", "something follows the value, and JSON is one value"],
    ["[".repeat(300), "1:202", "more than 200 lists and maps inside each other"],
  ])("%s", (text, place, message) => {
    const [found] = parseJson("x.json", text).diagnostics;
    expect(`${found?.at?.line}:${found?.at?.column}`).toBe(place);
    expect(found).toMatchObject({ code: "json-syntax", message });
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("an Ignition configuration", () => {
  const messages = (text: string) => checkIgnition("config.ign", text).map(({ message }) => message);

  test.each(["3.0.0", "3.4.0", "3.6.0-experimental"])("of version %s is taken", (version) => {
    expect(messages(JSON.stringify({ ignition: { version } }))).toEqual([]);
  });

  test.each([
    ['{ "ignition": {} }', "an Ignition configuration says its version"],
    ["[]", "an Ignition configuration says its version"],
    ['{ "ignition": { "version": 3 } }', "an Ignition configuration says its version"],
    ['{ "ignition": { "version": "3" } }', '"3" is no version of Ignition\'s specification 3'],
    ['{ "ignition": { "version": "2.2.0" } }', "version 2.2.0 is from before Ignition 2, which reads version 3 only"],
  ])("%s is none", (text, message) => {
    expect(messages(text)).toEqual([message]);
  });

  test("is never shown, for it may hold passwords", () => {
    const [found] = checkIgnition("config.ign", '{ "passwordHash": "$6$x$y", }');
    expect(found?.at).toEqual({ file: "config.ign", line: 1, column: 29, length: 1 });
  });
});
