import { createHash } from "node:crypto";
import { alignedBuffers } from "../aligned.js";
import { type Drive, PIECE } from "../drive.js";
import { type ImageRange, piecesOf } from "../image-map.js";
import { HEAD } from "../marker.js";

/** Reads on their way at once. */
const AHEAD = 3;

/** A range as the card gives it. */
export interface ReadBack {
  readonly index: number;
  readonly range: ImageRange;
  readonly digest: string;
}

/**
 * Reads ranges of a card in order, past the page cache, and digests each. `head`: what stands for the card's first bytes,
 * where those are not written yet. `look` sees every piece, before its buffer is used again.
 */
export async function* readBack(
  drive: Drive,
  ranges: Iterable<readonly [number, ImageRange]>,
  options: {
    readonly algorithm: string;
    readonly signal: AbortSignal;
    readonly head?: Buffer;
    look?(bytes: Buffer, offset: number, range: number): void;
  },
): AsyncGenerator<ReadBack> {
  const buffers = alignedBuffers(AHEAD, PIECE);
  const pieces = allPieces(ranges);
  const reading: { piece: Part; bytes: Promise<Buffer> }[] = [];
  let started = 0;
  const start = () => {
    const next = pieces.next();
    if (next.done) return;
    const piece = next.value;
    const buffer = buffers[started++ % AHEAD] as Buffer;
    const bytes = readPiece(drive, piece, buffer, options.head);
    bytes.catch(() => {});
    reading.push({ piece, bytes });
  };
  for (let count = 0; count < AHEAD; count++) start();
  let hash = createHash(options.algorithm);
  for (let next = reading.shift(); next; next = reading.shift()) {
    options.signal.throwIfAborted();
    const { piece } = next;
    const bytes = await next.bytes;
    hash.update(bytes);
    options.look?.(bytes, piece.start, piece.index);
    start();
    if (piece.end < piece.range.end) continue;
    yield { index: piece.index, range: piece.range, digest: hash.digest("hex") };
    hash = createHash(options.algorithm);
  }
}

interface Part {
  readonly index: number;
  readonly range: ImageRange;
  readonly start: number;
  readonly end: number;
}

function* allPieces(ranges: Iterable<readonly [number, ImageRange]>): Generator<Part> {
  for (const [index, range] of ranges) for (const piece of piecesOf(range)) yield { index, range, ...piece };
}

async function readPiece(
  drive: Drive,
  { start, end }: Part,
  buffer: Buffer,
  head: Buffer | undefined,
): Promise<Buffer> {
  if (head && start < HEAD) return head.subarray(start, end);
  await drive.read(buffer.subarray(0, Math.ceil((end - start) / drive.block) * drive.block), start);
  return buffer.subarray(0, end - start);
}
