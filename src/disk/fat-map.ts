/**
 * Which sectors of a FAT32 filesystem matter: reserved sectors (boot sector, FSInfo, backup), all FATs, clusters in use.
 *
 *   | reserved | FAT 1 | FAT 2 | cluster 2 | cluster 3 | …
 *
 * Source: Microsoft, FAT32 File System Specification 1.03.
 */
import type { Range, ReadAt } from "./ranges.js";

const CHUNK = 1 << 20;

/** Byte ranges in use of the FAT32 filesystem at `offset`. Throws when there is none. */
export function fatRanges(read: ReadAt, offset: number): Range[] {
  const bytes = read(offset, 512);
  const boot = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sector = boot.getUint16(11, true);
  const fatSectors = boot.getUint32(36, true);
  if (boot.getUint16(510, true) !== 0xaa55 || boot.getUint16(22, true) !== 0 || fatSectors === 0 || sector === 0) {
    throw new Error(`no FAT32 filesystem at byte ${offset}`);
  }
  const cluster = boot.getUint8(13) * sector;
  const reserved = boot.getUint16(14, true) * sector;
  const data = reserved + boot.getUint8(16) * fatSectors * sector;
  const clusters = Math.floor((boot.getUint32(32, true) * sector - data) / cluster);

  const used: Range[] = [{ start: offset, end: offset + data }];
  let first = -1;
  const close = (behind: number): void => {
    if (first >= 0)
      used.push({ start: offset + data + (first - 2) * cluster, end: offset + data + (behind - 2) * cluster });
    first = -1;
  };
  const entries = clusters + 2;
  for (let from = 0; from < entries * 4; from += CHUNK) {
    const piece = read(offset + reserved + from, Math.min(CHUNK, entries * 4 - from));
    const fat = new DataView(piece.buffer, piece.byteOffset, piece.byteLength);
    for (let at = 0; at < piece.byteLength; at += 4) {
      const number = (from + at) / 4;
      if (number < 2) continue;
      if ((fat.getUint32(at, true) & 0x0fffffff) === 0) close(number);
      else if (first < 0) first = number;
    }
  }
  close(entries);
  return used;
}
