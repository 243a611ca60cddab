import type { ReadAt } from "./ranges.js";

/** What a tar will take as a filesystem. */
export interface TarMeasure {
  /** Names, folders included: inodes at most. */
  readonly entries: number;
  readonly folders: number;
  /** 4096-byte blocks of files, folders and long symbolic links, each rounded up. */
  readonly blocks: number;
  /** Names with extended attributes other than file capabilities, which mke2fs leaves out. */
  readonly lostAttributes: number;
}

const BLOCK = 4096;

/**
 * Measures an uncompressed tar (ustar, GNU, pax) of `size` bytes by its headers alone; file contents are skipped.
 * Throws when it is no tar, or one that ends too early.
 */
export function measureTar(read: ReadAt, size: number): TarMeasure {
  let entries = 0;
  let folders = 0;
  let blocks = 0;
  let lostAttributes = 0;
  let paxSize: number | undefined;
  let at = 0;
  while (at + 512 <= size) {
    const header = Buffer.from(read(at, 512));
    if (header.every((byte) => byte === 0)) return { entries, folders, blocks, lostAttributes };
    if (header.toString("latin1", 257, 262) !== "ustar") throw new Error(`no tar header at byte ${at}`);
    const type = String.fromCharCode(header.readUInt8(156));
    const length = number(header.subarray(124, 136));
    const content = type === "x" || !"123456".includes(type) ? (paxSize ?? length) : 0;
    const stored = "xgLK".includes(type) ? length : content;
    if (type === "x") {
      const records = Buffer.from(read(at + 512, length));
      paxSize = paxRecord(records, "size");
      if (/ SCHILY\.xattr\.(?!security\.capability=)/.test(records.toString("latin1"))) lostAttributes += 1;
    } else if (!"gLK".includes(type)) {
      paxSize = undefined;
      entries += type === "1" ? 0 : 1;
      if (type === "5") {
        folders += 1;
        blocks += 1;
      } else if (type === "2") blocks += header.indexOf(0, 157) - 157 >= 60 || header.indexOf(0, 157) < 0 ? 1 : 0;
      else blocks += Math.ceil(content / BLOCK);
    }
    at += 512 + Math.ceil(stored / 512) * 512;
  }
  if (at === size && entries > 0) return { entries, folders, blocks, lostAttributes };
  throw new Error("the tar ends too early");
}

/** Octal digits, or base 256 where the first bit is set. */
function number(field: Buffer): number {
  if ((field.readUInt8(0) & 0x80) === 0) return Number.parseInt(field.toString("latin1").trim() || "0", 8) || 0;
  return field.subarray(1).reduce((value, byte) => value * 256 + byte, field.readUInt8(0) & 0x7f);
}

/** A number among records of the form `LENGTH KEY=VALUE\n`. */
function paxRecord(records: Buffer, key: string): number | undefined {
  for (let at = 0; at < records.length; ) {
    const space = records.indexOf(0x20, at);
    const length = Number(records.toString("latin1", at, space));
    if (space < 0 || !(length > 0)) return undefined;
    const record = records.toString("utf8", space + 1, at + length - 1);
    if (record.startsWith(`${key}=`)) return Number(record.slice(key.length + 1));
    at += length;
  }
  return undefined;
}
