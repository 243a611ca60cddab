import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { ReadAt } from "../disk/ranges.js";

/** Small reads come in crowds from one place: inodes, tables of clusters. */
const BLOCK = 64 * 1024;
const KEPT = 256;

/** An image that is read here and there; close it by disposing of it. */
export interface ImageFile extends Disposable {
  readonly read: ReadAt;
  readonly size: number;
}

export function openImage(path: string): ImageFile {
  const fd = openSync(path, "r");
  const { size } = fstatSync(fd);
  const blocks = new Map<number, Buffer>();
  const fetch = (offset: number, length: number): Buffer => {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - offset)));
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, offset));
  };
  const block = (number: number): Buffer => {
    const known = blocks.get(number);
    if (known) return known;
    const [oldest] = blocks.size >= KEPT ? blocks.keys() : [];
    if (oldest !== undefined) blocks.delete(oldest);
    const bytes = fetch(number * BLOCK, BLOCK);
    blocks.set(number, bytes);
    return bytes;
  };
  const read: ReadAt = (offset, length) => {
    const number = Math.floor(offset / BLOCK);
    if (length > BLOCK || offset < 0 || Math.floor((offset + length - 1) / BLOCK) !== number)
      return fetch(offset, length);
    return block(number).subarray(offset - number * BLOCK, offset - number * BLOCK + length);
  };
  return { read, size, [Symbol.dispose]: () => closeSync(fd) };
}
