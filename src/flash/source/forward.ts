import type { ImageReader } from "./image-source.js";

/** A reader over bytes that come in chunks of any size. */
export function forwardReader(chunks: AsyncIterable<Buffer>, close?: () => Promise<void>): ImageReader {
  const iterator = chunks[Symbol.asyncIterator]();
  let chunk: Buffer = Buffer.alloc(0);
  let at = 0;
  /** Passes `count` bytes on, or fewer at the end. */
  const pass = async (count: number, take?: (bytes: Buffer, done: number) => void): Promise<number> => {
    let done = 0;
    while (done < count) {
      if (chunk.length === 0) {
        const next = await iterator.next();
        if (next.done) break;
        chunk = next.value;
        continue;
      }
      const bytes = chunk.subarray(0, count - done);
      take?.(bytes, done);
      chunk = chunk.subarray(bytes.length);
      done += bytes.length;
    }
    at += done;
    return done;
  };
  return {
    read: async (into, offset) => {
      if (offset < at) throw new Error(`a forward reader at ${at} was asked for ${offset}`);
      await pass(offset - at);
      return at < offset ? 0 : await pass(into.length, (bytes, done) => bytes.copy(into, done));
    },
    end: async () => {
      await pass(Number.POSITIVE_INFINITY);
      return at;
    },
    [Symbol.asyncDispose]: async () => {
      await iterator.return?.();
      await close?.();
    },
  };
}

/** The first `count` bytes (fewer when there are no more), the same stream from its start, and how to leave it unread. */
export async function peek(
  chunks: AsyncIterable<Buffer>,
  count: number,
): Promise<{ readonly head: Buffer; readonly whole: AsyncIterable<Buffer>; close(): Promise<void> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first: Buffer[] = [];
  let have = 0;
  while (have < count) {
    const next = await iterator.next();
    if (next.done) break;
    first.push(next.value);
    have += next.value.length;
  }
  const close = async () => void (await iterator.return?.());
  async function* whole(): AsyncGenerator<Buffer> {
    try {
      yield* first;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await close();
    }
  }
  return { head: Buffer.concat(first).subarray(0, count), whole: whole(), close };
}
