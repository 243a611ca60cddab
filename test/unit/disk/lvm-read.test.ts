import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lvmCrc } from "../../../src/disk/lvm/crc.js";
import { MAGIC, physicalVolume } from "../../../src/disk/lvm/physical-volume.js";
import { readGroup } from "../../../src/disk/lvm/read-group.js";
import { parseText } from "../../../src/disk/lvm/text-format.js";
import { dashed } from "../../../src/disk/lvm/uuid.js";
import { DATA_START, type VolumeGroup } from "../../../src/disk/lvm/volume-group.js";
import type { ReadAt } from "../../../src/disk/ranges.js";
import { VOLUME_GROUP } from "../../rig/volume-group.js";

const OFFSET = 4 * 1024 ** 2;
const AREA = 4096;

/** A disk with these bytes at OFFSET, and nothing behind them. */
const disk =
  (bytes: Uint8Array): ReadAt =>
  (offset, length) =>
    Buffer.from(bytes.subarray(Math.max(0, offset - OFFSET), Math.max(0, offset - OFFSET + length)));

const expected = (group: VolumeGroup) => ({
  name: group.name,
  id: dashed(group.id),
  seqno: 1,
  extentSize: group.extentSize,
  physical: dashed(group.physical.id),
  volumes: group.volumes.map(({ name, id, firstExtent, extents }) => ({
    name,
    id: dashed(id),
    size: extents * group.extentSize,
    start: DATA_START + firstExtent * group.extentSize,
  })),
});

describe("a physical volume that is read back", () => {
  it("says what was written", () => {
    fc.assert(
      fc.property(VOLUME_GROUP, (group) => {
        expect(readGroup(disk(physicalVolume(group)), OFFSET)).toEqual(expected(group));
      }),
    );
  });

  it("is none when any byte of label, header or text is another", () => {
    fc.assert(
      fc.property(VOLUME_GROUP, fc.nat(), fc.integer({ min: 1, max: 255 }), (group, where, change) => {
        const bytes = Buffer.from(physicalVolume(group));
        // Label from its type on, area header, text: all that a checksum covers.
        const covered = [...range(512 + 20, 1024), ...range(AREA, AREA + 512), ...range(AREA + 512, bytes.length)];
        const at = covered[where % covered.length] ?? 0;
        bytes.writeUInt8(bytes.readUInt8(at) ^ change, at);
        expect(readGroup(disk(bytes), OFFSET)).toBeUndefined();
      }),
    );
  });

  it("is followed round the end of its ring, as lvm2 writes it", () => {
    fc.assert(
      fc.property(VOLUME_GROUP, fc.double({ min: 0, max: 1, noNaN: true }), (group, share) => {
        const written = Buffer.from(physicalVolume(group));
        const text = written.subarray(AREA + 512);
        const bytes = Buffer.concat([written.subarray(0, AREA + 512)], DATA_START);
        const size = DATA_START - AREA;
        const start = size - Math.floor(text.length * share);
        const behind = Math.min(text.length, size - start);
        text.copy(bytes, AREA + start, 0, behind);
        text.copy(bytes, AREA + 512, behind);
        const header = bytes.subarray(AREA, AREA + 512);
        header.writeBigUInt64LE(BigInt(start), 40);
        header.writeUInt32LE(lvmCrc(header.subarray(4)), 0);
        expect(readGroup(disk(bytes), OFFSET)).toEqual(expected(group));
      }),
    );
  });

  it("has no place for a volume that lies in pieces", () => {
    const group = fc.sample(VOLUME_GROUP, { numRuns: 50, seed: 3 }).find(({ volumes }) => volumes.length > 1);
    if (!group) throw new Error("no group with volumes");
    const bytes = Buffer.from(physicalVolume(group));
    const text = bytes.toString("latin1", AREA + 512).replace(/stripe_count = 1/, "stripe_count = 2");
    bytes.write(text, AREA + 512, "latin1");
    const header = bytes.subarray(AREA, AREA + 512);
    header.writeUInt32LE(lvmCrc(bytes.subarray(AREA + 512)), 56);
    header.writeUInt32LE(lvmCrc(header.subarray(4)), 0);
    const { start: _, ...first } = expected(group).volumes[0] ?? { start: 0 };
    expect(readGroup(disk(bytes), OFFSET)?.volumes[0]).toEqual(first);
  });

  it("is none on an empty disk, and elsewhere than at its label", () => {
    expect(readGroup(disk(new Uint8Array(0)), OFFSET)).toBeUndefined();
    expect(readGroup(disk(Buffer.concat([Buffer.alloc(2048), MAGIC])), OFFSET)).toBeUndefined();
  });
});

describe("lvm2's text format", () => {
  it("has values, lists, comments and sections inside sections", () => {
    const text = '# made by hand\na = 1 # one\nb = ["x", 2, "y \\"z\\" }"]\nc {\n d { e = -0.5 }\n f = [] }\n';
    const { values, sections } = parseText(text);
    expect([...values]).toEqual([
      ["a", 1],
      ["b", ["x", 2, 'y "z" }']],
    ]);
    expect(sections.get("c")?.sections.get("d")?.values.get("e")).toBe(-0.5);
    expect(sections.get("c")?.values.get("f")).toEqual([]);
  });

  it.each([
    ["a = ", "the metadata end in the middle of a section"],
    ["a { b = 1", "the metadata end in the middle of a section"],
    ["a = b", '"b" is no value in metadata'],
    ["a b", '"a b" is neither a value nor a section'],
  ])("is refused: %s", (text, why) => expect(() => parseText(text)).toThrow(why));
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
