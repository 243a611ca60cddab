import { createHash } from "node:crypto";
import { refuse } from "../diagnostic/failure.js";
import { type Bmap, parseBmap } from "../disk/bmap.js";
import { PIECE } from "./drive.js";

/** Bytes of an image that are written and verified together. */
export interface ImageRange {
  readonly start: number;
  readonly end: number;
  /** Hex digest; undefined until the range was read when no bmap says it. */
  readonly digest?: string;
}

/** Which bytes of an image are written. */
export interface ImageMap {
  /** Bytes of the whole image; undefined when only its end will tell. */
  readonly size?: number;
  /** As node:crypto has it. */
  readonly algorithm: string;
  /** Sorted, apart from each other. Undefined: all of it, however long it is. */
  readonly ranges?: readonly ImageRange[];
  /** The digest that names the image, when its bmap gives one. */
  readonly identity?: string;
}

/** Ranges of an image without a bmap, bytes. */
export const PLAIN_RANGE = 4 * PIECE;

/** The map of a bmap's text. `size`: the image's, when it is known. Refuses what is no bmap, or another image's. */
export function mapOf(text: string, from: string, size: number | undefined): ImageMap {
  const bmap = parsed(text, from);
  if (size !== undefined && size !== bmap.imageSize) {
    throw refuse(
      "bmap-of-another-image",
      `${from} is for an image of ${bmap.imageSize} bytes, and this one has ${size}`,
      "name the right one with --bmap, or leave it out with --no-bmap",
    );
  }
  if (PIECE % bmap.blockSize !== 0 || bmap.blockSize % 512 !== 0) {
    throw refuse("bad-bmap", `${from} has blocks of ${bmap.blockSize} bytes, which no drive has`);
  }
  const { blockSize, imageSize } = bmap;
  return {
    size: imageSize,
    algorithm: bmap.algorithm ?? "sha256",
    // Without checksums of the ranges it names no bytes.
    ...(bmap.algorithm ? { identity: createHash("sha256").update(text).digest("hex") } : {}),
    ranges: bmap.ranges.map(({ first, last, checksum }) => ({
      start: first * blockSize,
      end: Math.min((last + 1) * blockSize, imageSize),
      ...(checksum ? { digest: checksum } : {}),
    })),
  };
}

/** The map of an image without a bmap. */
export const plainMap = (size: number | undefined): ImageMap => ({
  algorithm: "sha256",
  ...(size === undefined ? {} : { size }),
});

/** The range with that number; undefined behind the last one. */
export function rangeAt(map: ImageMap, index: number): ImageRange | undefined {
  if (map.ranges) return map.ranges[index];
  const start = index * PLAIN_RANGE;
  const end = Math.min(start + PLAIN_RANGE, map.size ?? Number.POSITIVE_INFINITY);
  return end > start ? { start, end } : undefined;
}

/** A range's pieces: cut at multiples of PIECE. */
export function* piecesOf(range: ImageRange): Generator<{ readonly start: number; readonly end: number }> {
  for (let start = range.start; start < range.end; ) {
    const end = Math.min((Math.floor(start / PIECE) + 1) * PIECE, range.end);
    yield { start, end };
    start = end;
  }
}

function parsed(text: string, from: string): Bmap {
  try {
    return parseBmap(text);
  } catch (error) {
    throw refuse(
      "bad-bmap",
      `${from} cannot be used: ${(error as Error).message}`,
      "fetch it again, or leave it out with --no-bmap: then all of the image is written",
    );
  }
}
