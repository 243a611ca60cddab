import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseBmap, writeBmap } from "../../../src/disk/bmap.js";
import { mergeRanges, setRuns, splitRanges } from "../../../src/disk/ranges.js";

const digest = "ab".repeat(32);
const rangesOf = fc
  .array(fc.tuple(fc.nat(4_000_000), fc.integer({ min: 1, max: 300_000 })), { maxLength: 40 })
  .map((list) => list.map(([start, size]) => ({ start, end: start + size })));

describe("bmap", () => {
  it("reads back what it wrote", () => {
    fc.assert(
      fc.property(rangesOf, fc.integer({ min: 1, max: 4_500_000 }), (list, size) => {
        const ranges = splitRanges(mergeRanges(list, 4096, size), 65536).map((range) => ({ ...range, sha256: digest }));
        const bmap = parseBmap(writeBmap(size, ranges));
        expect(bmap.imageSize).toBe(size);
        expect(bmap.algorithm).toBe("sha256");
        expect(bmap.ranges.map(({ first, last }) => [first * 4096, Math.min((last + 1) * 4096, size)])).toEqual(
          ranges.map(({ start, end }) => [start, end]),
        );
        const covered = (at: number) =>
          bmap.ranges.some(({ first, last }) => at >= first * 4096 && at < (last + 1) * 4096);
        for (const { start, end } of list) if (end <= size) expect(covered(start) && covered(end - 1)).toBe(true);
      }),
      { seed: 1 },
    );
  });

  it("takes older versions", () => {
    const of = (version: string, sums: string, range: string) =>
      `<?xml version="1.0" ?>\n<bmap version="${version}">\n<ImageSize> 20480 </ImageSize>\n<BlockSize> 4096 </BlockSize>\n<BlocksCount> 5 </BlocksCount>\n<MappedBlocksCount> 3 </MappedBlocksCount>\n${sums}<BlockMap>\n<Range${range}> 0-1 </Range>\n<Range> 4 </Range>\n</BlockMap>\n</bmap>\n`;
    expect(parseBmap(of("1.2", "", "")).ranges).toEqual([
      { first: 0, last: 1 },
      { first: 4, last: 4 },
    ]);
    const zeros = "0".repeat(40);
    const text = of("1.3", `<BmapFileSHA1> ${zeros} </BmapFileSHA1>`, ` sha1="${"cd".repeat(20)}"`);
    const whole = text.replace(zeros, createHash("sha1").update(text).digest("hex"));
    expect(parseBmap(whole).ranges[0]).toEqual({ first: 0, last: 1, checksum: "cd".repeat(20) });
    expect(parseBmap(whole).algorithm).toBe("sha1");
  });

  it("refuses damage", () => {
    const text = writeBmap(40960, [{ start: 0, end: 8192, sha256: digest }]);
    expect(() => parseBmap(text.replace("0-1", "0-2"))).toThrow(
      "the bmap's own checksum is wrong: the file is damaged",
    );
    expect(() => parseBmap("<html>")).toThrow("not a bmap file");
    expect(() => parseBmap(text.replace('version="2.0"', 'version="3.0"'))).toThrow(
      "bmap version 3.0 is newer than 2.0",
    );
  });
});

describe("setRuns", () => {
  it("finds every set bit and no other", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(320), (bitmap, most) => {
        const count = Math.min(most, bitmap.length * 8);
        const bits = new Set<number>();
        for (const [first, behind] of setRuns(bitmap, count)) for (let bit = first; bit < behind; bit++) bits.add(bit);
        for (let bit = 0; bit < count; bit++)
          expect(bits.has(bit)).toBe(((bitmap[bit >> 3] ?? 0) >> (bit & 7)) % 2 === 1);
        expect([...bits].every((bit) => bit < count)).toBe(true);
      }),
      { seed: 1 },
    );
  });
});
