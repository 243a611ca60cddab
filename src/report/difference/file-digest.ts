import { createHash } from "node:crypto";
import type { Range, ReadAt } from "../../disk/ranges.js";
import type { VolumeFile } from "../../disk/volume-file.js";

const PIECE = 1 << 20;
const ZEROES = Buffer.alloc(PIECE);

/** SHA-256 of a file inside an image. */
export function fileDigest(read: ReadAt, file: VolumeFile): string {
  const hash = createHash("sha256");
  for (const piece of contentOf(read, file)) hash.update(piece);
  return hash.digest("hex");
}

/** A file's bytes in short pieces, holes as zeroes. */
export function* contentOf(read: ReadAt, { pieces, size }: VolumeFile): Generator<Uint8Array> {
  let done = 0;
  for (const { at, start, end } of pieces) {
    yield* zeroes(at - done);
    yield* rangeOf(read, { start, end });
    done = at + end - start;
  }
  yield* zeroes(size - done);
}

/** SHA-256 of ranges of an image, one behind the other. */
export function rangesDigest(read: ReadAt, ranges: readonly Range[]): string {
  const hash = createHash("sha256");
  for (const range of ranges) for (const piece of rangeOf(read, range)) hash.update(piece);
  return hash.digest("hex");
}

function* rangeOf(read: ReadAt, { start, end }: Range): Generator<Uint8Array> {
  for (let from = start; from < end; from += PIECE) yield read(from, Math.min(PIECE, end - from));
}

function* zeroes(length: number): Generator<Uint8Array> {
  for (let left = length; left > 0; left -= PIECE) yield ZEROES.subarray(0, Math.min(left, PIECE));
}
