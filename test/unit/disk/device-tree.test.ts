import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseDeviceTree, propertyText } from "../../../src/disk/device-tree.js";

interface Node {
  readonly properties: { readonly [name: string]: Uint8Array };
  readonly nodes: { readonly [name: string]: Node };
}

/** A tree in the flattened form, written as the specification says. */
function flatten(root: Node): Buffer {
  const strings: string[] = [];
  const words: Buffer[] = [];
  const word = (value: number) =>
    words.push(Buffer.from([value >>> 24, value >>> 16, value >>> 8, value].map((b) => b & 255)));
  const filled = (bytes: Uint8Array) => words.push(Buffer.from(bytes), Buffer.alloc((4 - (bytes.length % 4)) % 4));
  const place = (name: string): number => {
    if (!strings.includes(name)) strings.push(name);
    return Buffer.byteLength(
      strings
        .slice(0, strings.indexOf(name))
        .map((one) => `${one}\0`)
        .join(""),
    );
  };
  const node = (name: string, { properties, nodes }: Node): void => {
    word(1);
    filled(Buffer.from(`${name}\0`));
    for (const [key, value] of Object.entries(properties)) {
      word(3);
      word(value.length);
      word(place(key));
      filled(value);
    }
    word(4);
    for (const [key, value] of Object.entries(nodes)) node(key, value);
    word(2);
  };
  node("", root);
  word(9);
  const structure = Buffer.concat(words);
  const names = Buffer.from(strings.map((one) => `${one}\0`).join(""));
  const header = Buffer.alloc(40);
  [0xd00dfeed, 40 + structure.length + names.length, 40, 40 + structure.length, 40, 17, 16].forEach((value, index) => {
    header.writeUInt32BE(value, index * 4);
  });
  return Buffer.concat([header, structure, names]);
}

function expected(node: Node, path = ""): { nodes: string[]; properties: [string, string][] } {
  const here = path === "" ? "/" : path;
  const below = Object.entries(node.nodes).map(([name, one]) => expected(one, `${path}/${name}`));
  return {
    nodes: [here, ...below.flatMap(({ nodes }) => nodes)],
    properties: [
      ...Object.entries(node.properties).map(([name, value]): [string, string] => [
        `${here}:${name}`,
        Buffer.from(value).toString("hex"),
      ]),
      ...below.flatMap(({ properties }) => properties),
    ],
  };
}

const name = fc.stringMatching(/^[a-z][a-z0-9,@-]{0,11}$/);
const nested = fc.memo(
  (depth): fc.Arbitrary<Node> =>
    fc.record({
      properties: fc.dictionary(name, fc.uint8Array({ maxLength: 13 }), { maxKeys: 4 }),
      nodes: depth <= 1 ? fc.constant({}) : fc.dictionary(name, nested(depth - 1), { maxKeys: 3 }),
    }),
);
const tree = nested(4);

test("every tree reads back as it was written", () => {
  fc.assert(
    fc.property(tree, (root) => {
      const read = parseDeviceTree(flatten(root));
      const properties = [...(read?.properties ?? [])].map(([key, value]) => [key, Buffer.from(value).toString("hex")]);
      expect({ nodes: read?.nodes, properties }).toEqual(expected(root));
    }),
    { numRuns: 100 },
  );
});

test("what is cut off or damaged is refused, never misread for ever", () => {
  fc.assert(
    fc.property(tree, fc.nat(), fc.integer({ min: 0, max: 255 }), (root, where, byte) => {
      const whole = flatten(root);
      expect(() => parseDeviceTree(whole.subarray(0, whole.length - 1))).toThrow("cut off");
      const damaged = Buffer.from(whole);
      damaged[4 + (where % (whole.length - 4))] = byte;
      // It may still be a tree, or be none; anything but an Error of its own would be a mistake of ours.
      try {
        parseDeviceTree(damaged);
      } catch (error) {
        expect((error as Error).message).toMatch(/^the device tree |outside the bounds/);
      }
    }),
    { numRuns: 200 },
  );
});

test("bytes that are no device tree are none", () => {
  expect(parseDeviceTree(new Uint8Array(100))).toBeUndefined();
  expect(parseDeviceTree(new Uint8Array(3))).toBeUndefined();
});

test("values as sources write them", () => {
  expect(propertyText(Buffer.from("okay\0"))).toBe('"okay"');
  expect(propertyText(Buffer.from("allwinner,cubieboard\0allwinner,sun4i-a10\0"))).toBe(
    '"allwinner,cubieboard", "allwinner,sun4i-a10"',
  );
  expect(propertyText(Buffer.from([0, 0, 0, 1, 0x01, 0xc2, 0x80, 0]))).toBe("<0x1 0x1c28000>");
  expect(propertyText(Buffer.from([1, 2, 255]))).toBe("[01 02 ff]");
  expect(propertyText(Buffer.from([]))).toBe("");
});
