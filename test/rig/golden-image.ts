import { type FatFile, makeFat } from "../../src/disk/fat-make.js";
import { type FatKind, fatShape } from "../../src/disk/fat-shape.js";
import { fatVolume } from "../../src/disk/fat-volume.js";
import { writeMbr } from "../../src/disk/mbr.js";
import { bmapFor, noise, type ToyImage } from "./toy-image.js";

const MiB = 1024 ** 2;

/** Where the provisioning partition of a golden image is. */
export const AREA = { start: 2 * MiB, end: 6 * MiB } as const;

/** A toy image of 9 MiB whose second partition is for what makes each card its own; its ranges reach into that. */
export function goldenImage(
  options: {
    readonly label?: string;
    readonly kind?: FatKind;
    readonly files?: readonly FatFile[];
    readonly start?: number;
  } = {},
): ToyImage {
  const { label = "BOARDSMITH", kind = "fat16", files = [], start = AREA.start } = options;
  const size = AREA.end - AREA.start;
  const bytes = noise(9 * MiB, 5);
  bytes.fill(0, start, start + size);
  const shape = fatShape(size, kind);
  if (!shape) throw new Error("no such FAT");
  const identity = { label, volumeId: "0badcafe", hidden: start / 512, epoch: 0 };
  makeFat(shape, identity, files)?.copy(bytes, start);
  const partitions = [
    { start: MiB, size: MiB / 2, type: 0x83, active: false },
    { start, size, type: 0x0e, active: false },
  ];
  bytes.set(writeMbr({ diskId: "12345678", partitions }), 0);
  const ranges = [
    { start: 0, end: 4096 },
    { start: 8192, end: 2 * MiB + 65_536 },
    { start: 5 * MiB, end: 7 * MiB },
    { start: 8 * MiB, end: 9 * MiB },
  ];
  return { bytes, ranges, bmap: bmapFor(bytes, ranges) };
}

/** What lies on the FAT of a card, as text. */
export function filesOf(card: Buffer, start: number = AREA.start): { readonly [path: string]: string } {
  const volume = fatVolume((offset, length) => card.subarray(offset, offset + length), start);
  return Object.fromEntries(
    (volume?.files ?? []).flatMap(({ path, type, size, pieces }) => {
      if (type !== "file") return [];
      const content = Buffer.alloc(size);
      for (const piece of pieces) card.copy(content, piece.at, piece.start, piece.end);
      return [[path, content.toString("utf8")]];
    }),
  );
}
