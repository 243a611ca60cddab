import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { Range } from "../disk/ranges.js";

/** The SHA-256 of each range of a file, in their order. Ranges should be a few MiB at most: two are held in memory whole. */
export async function hashRanges(
  file: FileHandle,
  ranges: readonly Range[],
  signal: AbortSignal,
): Promise<(Range & { readonly sha256: string })[]> {
  const largest = ranges.reduce((most, range) => Math.max(most, range.end - range.start), 0);
  const buffers = [Buffer.alloc(largest), Buffer.alloc(largest)];
  const read = (index: number): Promise<Buffer> => {
    const range = ranges[index];
    if (!range) return Promise.resolve(Buffer.alloc(0));
    const buffer = buffers[index % 2] as Buffer;
    return readWhole(file, buffer.subarray(0, range.end - range.start), range.start);
  };
  const hashed: (Range & { readonly sha256: string })[] = [];
  let coming = read(0);
  for (const [index, range] of ranges.entries()) {
    signal.throwIfAborted();
    const bytes = await coming;
    // One piece is read while the one before is hashed; webcrypto's threads copy each piece, which costs more than they bring.
    coming = read(index + 1);
    coming.catch(() => {});
    hashed.push({ ...range, sha256: createHash("sha256").update(bytes).digest("hex") });
  }
  return hashed;
}

async function readWhole(file: FileHandle, bytes: Buffer, position: number): Promise<Buffer> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, position + done);
    if (bytesRead === 0) throw new Error(`the image ends at byte ${position + done}, expected more`);
    done += bytesRead;
  }
  return bytes;
}
