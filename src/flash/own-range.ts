import { createHash } from "node:crypto";

/** Bytes of one card that are not the image's: what makes it this card. Whole blocks of 4096 bytes, or up to the card's end. */
export interface OwnRange {
  readonly start: number;
  readonly end: number;
  /** From `start`; behind them all is zero. */
  readonly bytes: Buffer;
  /** Hex digest of the whole range. */
  readonly digest: string;
}

const ZEROS = Buffer.alloc(1024 * 1024);

/** A range with its digest, which is of the image's algorithm. */
export function ownRange(algorithm: string, start: number, end: number, bytes: Buffer): OwnRange {
  const hash = createHash(algorithm).update(bytes);
  for (let left = end - start - bytes.length; left > 0; left -= ZEROS.length)
    hash.update(ZEROS.subarray(0, Math.min(left, ZEROS.length)));
  return { start, end, bytes, digest: hash.digest("hex") };
}

/** Copies the range's bytes from `offset` of the card on into a buffer, all of which lies in the range. */
export function copyOwn(own: OwnRange, into: Buffer, offset: number): void {
  const copied = own.bytes.copy(into, 0, Math.min(offset - own.start, own.bytes.length));
  into.fill(0, copied);
}
