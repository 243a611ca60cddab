import { webcrypto } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { Range } from "../disk/ranges.js";

/** Buffers in flight: one is read while others are hashed on libuv's threads. */
const LANES = 3;

/** The SHA-256 of each range of a file, in their order. Ranges should be a few MiB at most: each is held in memory whole. */
export async function hashRanges(
  file: FileHandle,
  ranges: readonly Range[],
  signal: AbortSignal,
): Promise<(Range & { readonly sha256: string })[]> {
  const hashed: (Range & { readonly sha256: string })[] = new Array(ranges.length);
  const largest = ranges.reduce((most, range) => Math.max(most, range.end - range.start), 0);
  let next = 0;
  const lane = async (): Promise<void> => {
    const buffer = Buffer.alloc(largest);
    for (let index = next++; index < ranges.length; index = next++) {
      signal.throwIfAborted();
      const range = ranges[index] as Range;
      const bytes = buffer.subarray(0, range.end - range.start);
      await readWhole(file, bytes, range.start);
      const digest = await webcrypto.subtle.digest("SHA-256", bytes);
      hashed[index] = { ...range, sha256: Buffer.from(digest).toString("hex") };
    }
  };
  await Promise.all(Array.from({ length: Math.min(LANES, ranges.length) }, lane));
  return hashed;
}

async function readWhole(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, position + done);
    if (bytesRead === 0) throw new Error(`the image ends at byte ${position + done}, expected more`);
    done += bytesRead;
  }
}
