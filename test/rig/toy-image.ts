import { createCipheriv, createHash } from "node:crypto";
import { writeBmap } from "../../src/disk/bmap.js";
import { forwardReader } from "../../src/flash/source/forward.js";
import type { ImageSource } from "../../src/flash/source/image-source.js";

const MiB = 1024 ** 2;

/** An image in memory with holes, as an image of a card has them, and its bmap. */
export interface ToyImage {
  readonly bytes: Buffer;
  readonly ranges: readonly { readonly start: number; readonly end: number }[];
  readonly bmap: string;
}

/** Bytes that repeat nowhere and are the same every time. */
export function noise(length: number, seed: number): Buffer {
  return createCipheriv("aes-128-ctr", Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(length));
}

/** By default 8 MiB, about five of them mapped, with a table's signature in the first sector. */
export function toyImage(
  seed = 1,
  size = 8 * MiB,
  mapped: readonly (readonly [number, number])[] = [
    [0, 4096],
    [8192, 600 * 1024],
    [MiB, 2 * MiB],
    [2 * MiB + 8192, 4 * MiB],
    [5 * MiB, 6 * MiB + 4096],
    [7 * MiB, 8 * MiB],
  ],
): ToyImage {
  const bytes = Buffer.alloc(size);
  const ranges = mapped.map(([start, end]) => ({ start, end: Math.min(end, size) }));
  for (const [index, { start, end }] of ranges.entries()) noise(end - start, seed * 16 + index).copy(bytes, start);
  bytes.writeUInt16LE(0xaa55, 510);
  return { bytes, ranges, bmap: bmapFor(bytes, ranges) };
}

export function bmapFor(bytes: Buffer, ranges: readonly { readonly start: number; readonly end: number }[]): string {
  const sums = ranges.map((range) => ({
    ...range,
    sha256: createHash("sha256").update(bytes.subarray(range.start, range.end)).digest("hex"),
  }));
  return writeBmap(bytes.length, sums);
}

/** The image as a source that can be read again, or once only. */
export function toySource(bytes: Buffer, rereadable = true): ImageSource & { opened: number } {
  const source = {
    name: "toy.img",
    size: bytes.length,
    rereadable,
    identity: createHash("sha256").update(bytes).digest("hex"),
    opened: 0,
    open: async () => {
      source.opened++;
      if (!rereadable && source.opened > 1) throw new Error("read twice");
      return forwardReader(chunks(bytes));
    },
  };
  return source;
}

async function* chunks(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 300_001) yield bytes.subarray(at, at + 300_001);
}
