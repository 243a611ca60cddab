import type { ReadAt } from "./ranges.js";

const MAGIC = 0xea020000;
const PREFIXES: Readonly<Record<number, string>> = {
  1: "user.",
  2: "system.posix_acl_access",
  3: "system.posix_acl_default",
  4: "trusted.",
  6: "security.",
  7: "system.",
};

/**
 * Extended attributes of an inode, by full name, values in hex. They stand behind the inode's own fields and, when those
 * are too few, in a block of their own (header of 32 bytes). Entry: `name length 1 | prefix 1 | value's place 2 |
 * value's inode 4 | value's size 4 | hash 4 | name`, places counted from the first entry or from the block.
 */
export function extAttributes(
  read: ReadAt,
  inode: DataView,
  offset: number,
  blockSize: number,
): { readonly [name: string]: string } {
  const found: Record<string, string> = {};
  const extra = inode.byteLength > 130 ? 128 + inode.getUint16(128, true) : inode.byteLength;
  if (extra + 4 < inode.byteLength && inode.getUint32(extra, true) === MAGIC) {
    const rest = new Uint8Array(inode.buffer, inode.byteOffset + extra + 4, inode.byteLength - extra - 4);
    collect(rest, 0, found);
  }
  const block = inode.getUint32(104, true) + inode.getUint16(118, true) * 2 ** 32;
  if (block !== 0) collect(read(offset + block * blockSize, blockSize), 32, found);
  return found;
}

function collect(bytes: Uint8Array, from: number, found: Record<string, string>): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = from; at + 16 <= bytes.length && view.getUint32(at, true) !== 0; ) {
    const length = view.getUint8(at);
    const place = view.getUint16(at + 2, true);
    const size = view.getUint32(at + 8, true);
    const name = Buffer.from(bytes.subarray(at + 16, at + 16 + length)).toString("utf8");
    found[`${PREFIXES[view.getUint8(at + 1)] ?? ""}${name}`] = Buffer.from(
      bytes.subarray(place, place + size),
    ).toString("hex");
    at += (16 + length + 3) & ~3;
  }
}
