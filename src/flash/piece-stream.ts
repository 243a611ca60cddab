import { createHash } from "node:crypto";
import { piecesOf } from "./image-map.js";
import type { KnownRanges } from "./known-ranges.js";
import { type ImageSource, SourceFailed } from "./source/image-source.js";

/** A part of a range, PIECE bytes at most. */
export interface Piece {
  /** Counts all pieces of the image, wanted or not. */
  readonly number: number;
  readonly range: number;
  readonly start: number;
  readonly end: number;
}

/** Where the buffers come from. */
export interface Buffers {
  take(): Promise<Buffer>;
  give(buffer: Buffer): void;
}

/** Blocks that a drive may have, bytes. */
const BLOCK = 4096;

/**
 * Reads an image's pieces in order, those that are wanted, each into a buffer of its own, filled up with zeros to whole
 * blocks. A range that is read whole is checked, or its digest learned. Whoever takes a piece gives its buffer back.
 */
export async function* pieceStream(
  source: ImageSource,
  known: KnownRanges,
  wants: (piece: Piece) => boolean,
  buffers: Buffers,
  signal: AbortSignal,
): AsyncGenerator<Piece & { readonly buffer: Buffer }> {
  await using reader = await source.open(signal);
  let number = 0;
  for (let range = 0; ; range++) {
    const place = known.at(range);
    if (!place) break;
    const hash = createHash(known.algorithm);
    let whole = true;
    for (const { start, end } of piecesOf(place)) {
      signal.throwIfAborted();
      const piece = { number: number++, range, start, end };
      // An image of unknown size has to be read to find its end.
      if (known.size !== undefined && !wants(piece)) {
        whole = false;
        continue;
      }
      const buffer = await buffers.take();
      const length = await reader.read(buffer.subarray(0, end - start), start);
      const behind = start + length;
      if (behind < end) known.end(behind);
      if (length === 0) {
        buffers.give(buffer);
        if (start > place.start && whole) known.learn(range, hash.digest("hex"));
        break;
      }
      hash.update(buffer.subarray(0, length));
      buffer.fill(0, length, Math.ceil(length / BLOCK) * BLOCK);
      if (whole && (behind < end || end === place.end)) known.learn(range, hash.digest("hex"));
      yield { ...piece, end: behind, buffer };
      if (behind < end) break;
    }
  }
  const size = await reader.end();
  if (known.size !== undefined && size > known.size) {
    throw new SourceFailed(`${source.name} has ${size} bytes and should have ${known.size}`);
  }
  known.end(size);
}
