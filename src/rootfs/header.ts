import { bytesOf, nameOf } from "./names.js";
import { encodeRecords, type Records } from "./pax.js";

/**
 * A tar header, 512 bytes (POSIX ustar; GNU's differs behind byte 257):
 *
 *     0 name 100 | 100 mode 8 | 108 uid 8 | 116 gid 8 | 124 size 12 | 136 mtime 12 | 148 checksum 8 | 156 type 1
 *     157 linkname 100 | 257 "ustar\0" 6 | 263 "00" 2 | 265 uname 32 | 297 gname 32 | 329 major 8 | 337 minor 8 | 345 prefix 155
 *
 * Numbers are octal text; GNU writes large ones in base 256 with the top bit of the first byte set.
 * See https://www.gnu.org/software/tar/manual/html_node/Standard.html
 */
export const BLOCK = 512;

export interface RawHeader {
  readonly name: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes stored behind the header. */
  readonly size: number;
  /** Seconds. */
  readonly mtime: number;
  /** The type flag's character; NUL reads as "0". */
  readonly flag: string;
  readonly link: string;
  readonly major: number;
  readonly minor: number;
}

/** The header in a block, or undefined for a block of zeroes. Throws a plain Error when its checksum is wrong. */
export function parseHeader(block: Buffer): RawHeader | undefined {
  if (block[0] === 0 && block.every((byte) => byte === 0)) return undefined;
  if (number(block, 148, 8) !== checksum(block)) throw new Error("a header's checksum is wrong");
  const magic = block.toString("latin1", 257, 263);
  const name = text(block, 0, 100);
  const prefix = magic === "ustar\0" ? text(block, 345, 155) : "";
  const flag = block[156] === 0 ? "0" : String.fromCharCode(block[156] ?? 0);
  return {
    name: prefix ? `${prefix}/${name}` : name,
    mode: number(block, 100, 8) & 0o7777,
    uid: number(block, 108, 8),
    gid: number(block, 116, 8),
    size: number(block, 124, 12),
    mtime: number(block, 136, 12),
    flag,
    link: text(block, 157, 100),
    major: magic.startsWith("ustar") ? number(block, 329, 8) : 0,
    minor: magic.startsWith("ustar") ? number(block, 337, 8) : 0,
  };
}

/** A header, with an extended one in front where ustar's fields are too small or `records` is not empty. */
export function encodeHeader(header: RawHeader, records: Records = new Map()): Buffer {
  const extended = new Map<string, Buffer>();
  const name = bytesOf(header.name);
  const link = bytesOf(header.link);
  const split = splitName(name);
  if (!split) extended.set("path", name);
  if (link.length > 100) extended.set("linkpath", link);
  if (header.size > 0o77777777777) extended.set("size", Buffer.from(String(header.size)));
  if (header.uid > 0o7777777) extended.set("uid", Buffer.from(String(header.uid)));
  if (header.gid > 0o7777777) extended.set("gid", Buffer.from(String(header.gid)));
  for (const [key, value] of records) extended.set(key, value);
  const own = ustar(header, split ?? { prefix: Buffer.alloc(0), name: name.subarray(0, 100) }, link.subarray(0, 100));
  if (extended.size === 0) return own;
  const data = encodeRecords(extended);
  const about = { ...header, mode: 0o644, uid: 0, gid: 0, flag: "x", size: data.length, major: 0, minor: 0 };
  const pax = ustar(about, { prefix: Buffer.alloc(0), name: Buffer.from("./PaxHeaders") }, Buffer.alloc(0));
  return Buffer.concat([pax, data, Buffer.alloc(padding(data.length)), own]);
}

/** Zero bytes that fill the last block of `size` bytes. */
export function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

function ustar(header: RawHeader, at: { prefix: Buffer; name: Buffer }, link: Buffer): Buffer {
  const block = Buffer.alloc(BLOCK);
  at.name.copy(block, 0);
  octal(block, 100, 8, header.mode);
  octal(block, 108, 8, header.uid > 0o7777777 ? 0 : header.uid);
  octal(block, 116, 8, header.gid > 0o7777777 ? 0 : header.gid);
  octal(block, 124, 12, header.size > 0o77777777777 ? 0 : header.size);
  octal(block, 136, 12, Math.max(0, Math.floor(header.mtime)));
  block.write(header.flag, 156, "latin1");
  link.copy(block, 157);
  block.write("ustar\x0000", 257, "latin1");
  octal(block, 329, 8, header.major);
  octal(block, 337, 8, header.minor);
  at.prefix.copy(block, 345);
  block.write(`${checksum(block).toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

/** ustar's 155 + 100 bytes, parted at the first slash that leaves at most 100 behind it; undefined when the name fits no way. */
function splitName(name: Buffer): { prefix: Buffer; name: Buffer } | undefined {
  if (name.length <= 100) return { prefix: Buffer.alloc(0), name };
  const slash = name.indexOf(0x2f, name.length - 101);
  if (slash <= 0 || slash > 155 || slash === name.length - 1) return undefined;
  return { prefix: name.subarray(0, slash), name: name.subarray(slash + 1) };
}

function octal(block: Buffer, at: number, width: number, value: number): void {
  block.write(`${value.toString(8).padStart(width - 1, "0")}\0`, at, "latin1");
}

function number(block: Buffer, at: number, width: number): number {
  const first = block[at] ?? 0;
  if ((first & 0x80) !== 0) {
    // Base 256; a negative time (top bits set) is before 1970 and reads as 0.
    if ((first & 0x40) !== 0) return 0;
    let value = first & 0x3f;
    for (let i = at + 1; i < at + width; i++) value = value * 256 + (block[i] ?? 0);
    return value;
  }
  const digits = block
    .toString("latin1", at, at + width)
    .replace(/\0.*$/s, "")
    .trim();
  return digits === "" ? 0 : Number.parseInt(digits, 8);
}

function text(block: Buffer, at: number, width: number): string {
  const end = block.indexOf(0, at);
  return nameOf(block.subarray(at, end < 0 || end > at + width ? at + width : end));
}

/** The sum of all bytes with the checksum's own field read as blanks. */
function checksum(block: Buffer): number {
  let sum = 8 * 0x20;
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += block[i] ?? 0;
  return sum;
}
