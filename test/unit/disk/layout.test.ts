import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Contents } from "../../../src/disk/holding.js";
import { placeLayout } from "../../../src/disk/layout.js";
import type { FilesystemSpec, ImageSpec } from "../../../src/recipe/spec.js";
import { CARD_BOARD, CARD_IMAGE } from "../../rig/card.js";

const MiB = 1024 ** 2;
const spl = CARD_BOARD.spl;
const [BOOT, ROOT] = CARD_IMAGE.partitions as [FilesystemSpec, FilesystemSpec];

function messages(image: Partial<ImageSpec>, contents: Contents = {}): string[] {
  return placeLayout({ ...CARD_IMAGE, ...image }, spl, contents).diagnostics.map(
    ({ code, message, help }) => `${code}: ${message} (${help})`,
  );
}

describe("placeLayout", () => {
  it("places boot behind the reserved area and gives root the rest", () => {
    const { layout } = placeLayout(CARD_IMAGE, spl, { bootLoader: 600_000 });
    expect(layout?.partitions.map(({ offset, size }) => [offset / MiB, size / MiB])).toEqual([
      [4, 40],
      [44, 212],
    ]);
    expect(layout?.extents.map(({ name }) => name)).toEqual([
      "the MBR",
      "SPL and U-Boot",
      'partition "boot"',
      'partition "root"',
    ]);
  });

  it("names boot loader and partition when one runs into the other", () => {
    expect(messages({ align: MiB }, { bootLoader: 1_100_000 })).toEqual([
      'layout-overlap: SPL and U-Boot (0x2000 to 0x10e8e0) overlaps partition "boot" (0x100000 to 0x2900000) by 58.2 KiB (make U-Boot smaller, or let the board reserve at least 1.1 MiB for it)',
    ]);
  });

  it("catches an SPL in GPT's entries, and takes moved ones", () => {
    expect(messages({ table: "gpt" })).toEqual([
      "layout-spl-in-table: GPT's partition entries (0x400 to 0x4400) overlaps SPL and U-Boot (0x2000 to 0xa000) by 9 KiB (the boot ROM reads the SPL from there: use `table: mbr`)",
    ]);
    expect(messages({ table: "gpt", gptEntries: MiB - 16384 })).toEqual([]);
  });

  it("refuses a layout larger than the image", () => {
    expect(messages({ partitions: [BOOT, { ...ROOT, size: { bytes: 300 * MiB } }] })).toEqual([
      'layout-image-too-small: the layout is larger than the image: partition "root" ends at 344 MiB, the image has room up to 256 MiB (make image.size at least 344 MiB, or a partition smaller)',
    ]);
    expect(messages({ partitions: [{ ...BOOT, size: { bytes: 252 * MiB } }, ROOT] })).toEqual([
      'layout-image-too-small: nothing is left of the image\'s 256 MiB for partition "root" (make image.size at least 320 MiB, or a partition smaller)',
    ]);
  });

  it("refuses content that cannot fit", () => {
    const root = { entries: 1000, folders: 10, blocks: 60_000, lostAttributes: 0 };
    expect(messages({}, { root })).toEqual([
      'layout-content-too-large: the content of partition "root" takes 234.4 MiB, its ext4 of 212 MiB has room for 192.7 MiB (make the partition at least 261 MiB, or use `size: content`)',
    ]);
  });

  it("refuses an ext4 that has no room for its journal, and makes none", () => {
    const data = (size: FilesystemSpec["size"]): FilesystemSpec => ({ ...ROOT, name: "data", content: "empty", size });
    expect(messages({ partitions: [BOOT, data({ bytes: 8 * MiB }), ROOT] })).toEqual([
      'layout-ext4-too-small: partition "data" has 8 MiB, too few for an ext4 and its journal (make it at least 9 MiB)',
    ]);
    expect(messages({ partitions: [BOOT, data({ bytes: 9 * MiB }), ROOT] })).toEqual([]);
    const spec = { ...CARD_IMAGE, partitions: [BOOT, data({ content: { slack: 0 } }), ROOT] };
    expect(placeLayout(spec, spl, {}).layout?.partitions[1]?.size).toBe(9 * MiB);
  });

  it("refuses wrong numbers all at once", () => {
    const five = Array.from({ length: 5 }, (_, index) => ({ ...BOOT, name: `p${index}`, content: "empty" as const }));
    expect(messages({ size: 1_000_000_001, align: 1000, partitions: five })).toEqual([
      "layout-alignment: the image's size is 1000000001 bytes, no multiple of 512 (make it 1000000512 (953.7 MiB))",
      "layout-alignment: the image's alignment is 1000 bytes, no multiple of 4096 (make it 4096 (4 KiB))",
      "layout-too-many-partitions: an MBR holds 4 partitions, the recipe has 5 (leave some out, or use `table: gpt` where the board's boot ROM lets it)",
    ]);
    expect(messages({ partitions: [{ ...BOOT, size: { rest: true } }, ROOT] })).toEqual([
      'layout-two-rests: partitions "boot" and "root" both take the rest of the image (give all but one a size)',
    ]);
    expect(messages({ partitions: [{ ...BOOT, size: { bytes: 16 * MiB } }, ROOT] })).toEqual([
      'layout-fat32-too-small: partition "boot" has 16 MiB, too few clusters for a FAT32 (make it at least 33 MiB)',
    ]);
    expect(messages({ partitions: [BOOT, { ...ROOT, filesystem: "fat32" }] })).toEqual([
      'layout-root-on-fat: partition "root" would hold the root filesystem on fat32, which knows no owners and links (use `filesystem: ext4`)',
    ]);
  });

  it("never gives extents that overlap, stand askew or leave the image", () => {
    const size = fc.oneof(
      fc.integer({ min: 1, max: 20_000 }).map((blocks) => ({ bytes: blocks * 4096 })),
      fc.integer({ min: 0, max: 64 * MiB }).map((slack) => ({ content: { slack } })),
      fc.constant({ rest: true as const }),
    );
    const partition = fc.record({
      name: fc.constantFrom("a", "b", "c"),
      content: fc.constantFrom("boot" as const, "empty" as const),
      filesystem: fc.constantFrom("fat32" as const, "ext4" as const),
      size,
      label: fc.constant("x"),
    });
    const image = fc.record({
      table: fc.constantFrom("mbr" as const, "gpt" as const),
      size: fc.integer({ min: 1, max: 2_000_000 }).map((sectors) => sectors * 512),
      align: fc.constantFrom(4096, 65536, MiB, 4 * MiB),
      gptEntries: fc.constantFrom(1024, 512 * 1024, MiB - 16384),
      partitions: fc.array(partition, { minLength: 1, maxLength: 5 }),
      compress: fc.constant([] as const),
    });
    let placed = 0;
    fc.assert(
      fc.property(image, fc.integer({ min: 512, max: 1_200_000 }), fc.nat(20_000), (spec, bootLoader, blocks) => {
        const boot = { entries: 10, folders: 1, blocks, lostAttributes: 0 };
        const { layout, diagnostics } = placeLayout(spec, spl, { bootLoader, boot });
        if (!layout) {
          expect(diagnostics.length).toBeGreaterThan(0);
          return;
        }
        placed++;
        let end = 0;
        for (const extent of layout.extents) {
          expect(extent.start).toBeGreaterThanOrEqual(end);
          end = extent.start + extent.size;
        }
        expect(end).toBeLessThanOrEqual(spec.size);
        for (const { offset } of layout.partitions) expect(offset % spec.align).toBe(0);
      }),
      { numRuns: 500, seed: 1 },
    );
    expect(placed).toBeGreaterThan(30);
  });
});
