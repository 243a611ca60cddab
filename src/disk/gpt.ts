/**
 * GUID partition table:
 *
 *   sector 0       protective MBR
 *   sector 1       primary header: "EFI PART", revision, header size and CRC, own and other sector, usable range,
 *                  disk GUID, first sector of the entries, their number (128), size (128) and CRC
 *   from entriesAt 16 KiB of entries, right behind the header or, where a boot ROM wants byte 8192, further back
 *   last 33        the entries again, and the backup header in the last sector
 *
 * Source: UEFI specification 2.10, 5.3.
 */
import { crc32 } from "node:zlib";
import { SECTOR, writeMbr } from "./mbr.js";
import type { ReadAt } from "./ranges.js";

export const GPT_ENTRIES_SIZE = 128 * 128;
/** Bytes at the end of the disk that belong to the backup. */
export const GPT_BACKUP_SIZE = GPT_ENTRIES_SIZE + SECTOR;

export interface GptPartition {
  readonly start: number;
  readonly size: number;
  readonly type: string;
  readonly uuid: string;
  readonly name: string;
  /** Attribute bit 2, which U-Boot's `part list -bootable` looks for. */
  readonly bootable: boolean;
}

export interface Gpt {
  readonly diskUuid: string;
  /** Bytes of the whole disk. */
  readonly size: number;
  /** Byte offset of the primary entries. */
  readonly entriesAt: number;
  /** First byte a partition may take; behind the entries and the boot loader. */
  readonly firstUsable: number;
  readonly partitions: readonly GptPartition[];
}

/** All pieces of the table, with where they go. */
export function writeGpt(gpt: Gpt): { readonly offset: number; readonly bytes: Uint8Array }[] {
  const sectors = Math.floor(gpt.size / SECTOR);
  const entries = new Uint8Array(GPT_ENTRIES_SIZE);
  gpt.partitions.forEach((partition, index) => {
    entries.set(entry(partition), index * 128);
  });
  const last = sectors - 1;
  const backupEntries = last - GPT_ENTRIES_SIZE / SECTOR;
  const protective = writeMbr({
    diskId: "00000000",
    partitions: [{ start: SECTOR, size: Math.min(last, 0xffffffff) * SECTOR, type: 0xee, active: false }],
  });
  const sides = { entries, gpt, lastUsable: backupEntries - 1 };
  return [
    { offset: 0, bytes: protective },
    { offset: SECTOR, bytes: header({ ...sides, own: 1, other: last, entriesAt: gpt.entriesAt / SECTOR }) },
    { offset: gpt.entriesAt, bytes: entries },
    { offset: backupEntries * SECTOR, bytes: entries },
    { offset: last * SECTOR, bytes: header({ ...sides, own: last, other: 1, entriesAt: backupEntries }) },
  ];
}

/** Reads a table back from its primary, or from its backup when the primary's checksums are wrong; undefined when neither holds. */
export function parseGpt(read: ReadAt, size: number): Gpt | undefined {
  return parseSide(read, SECTOR, size) ?? parseSide(read, (Math.floor(size / SECTOR) - 1) * SECTOR, size);
}

function parseSide(read: ReadAt, at: number, size: number): Gpt | undefined {
  const bytes = Uint8Array.from(read(at, SECTOR));
  const view = new DataView(bytes.buffer);
  if (bytes.byteLength < SECTOR || Buffer.from(bytes.subarray(0, 8)).toString("latin1") !== "EFI PART")
    return undefined;
  const headerCrc = view.getUint32(16, true);
  view.setUint32(16, 0, true);
  if (crc32(bytes.subarray(0, 92)) !== headerCrc) return undefined;
  const entriesAt = Number(view.getBigUint64(72, true)) * SECTOR;
  const entries = read(entriesAt, view.getUint32(80, true) * view.getUint32(84, true));
  if (crc32(entries) !== view.getUint32(88, true)) return undefined;
  const partitions: GptPartition[] = [];
  for (let from = 0; from < entries.byteLength; from += view.getUint32(84, true)) {
    const raw = Buffer.from(entries.subarray(from, from + 128));
    if (raw.subarray(0, 16).every((byte) => byte === 0)) continue;
    const first = Number(raw.readBigUInt64LE(32));
    partitions.push({
      start: first * SECTOR,
      size: (Number(raw.readBigUInt64LE(40)) - first + 1) * SECTOR,
      type: guidText(raw.subarray(0, 16)),
      uuid: guidText(raw.subarray(16, 32)),
      name: raw.subarray(56).toString("utf16le").replace(/\0+$/, ""),
      bootable: (raw.readUInt8(48) & 4) !== 0,
    });
  }
  const firstUsable = Number(view.getBigUint64(40, true)) * SECTOR;
  return { diskUuid: guidText(bytes.subarray(56, 72)), size, entriesAt, firstUsable, partitions };
}

function entry(partition: GptPartition): Uint8Array {
  const bytes = Buffer.alloc(128);
  bytes.set(guidBytes(partition.type), 0);
  bytes.set(guidBytes(partition.uuid), 16);
  bytes.writeBigUInt64LE(BigInt(partition.start / SECTOR), 32);
  bytes.writeBigUInt64LE(BigInt((partition.start + partition.size) / SECTOR - 1), 40);
  bytes.writeUInt8(partition.bootable ? 4 : 0, 48);
  bytes.write(partition.name.slice(0, 36), 56, "utf16le");
  return bytes;
}

function header(side: {
  readonly gpt: Gpt;
  readonly entries: Uint8Array;
  readonly own: number;
  readonly other: number;
  readonly entriesAt: number;
  readonly lastUsable: number;
}): Uint8Array {
  const bytes = Buffer.alloc(SECTOR);
  bytes.write("EFI PART", 0, "latin1");
  bytes.writeUInt32LE(0x00010000, 8);
  bytes.writeUInt32LE(92, 12);
  bytes.writeBigUInt64LE(BigInt(side.own), 24);
  bytes.writeBigUInt64LE(BigInt(side.other), 32);
  bytes.writeBigUInt64LE(BigInt(side.gpt.firstUsable / SECTOR), 40);
  bytes.writeBigUInt64LE(BigInt(side.lastUsable), 48);
  bytes.set(guidBytes(side.gpt.diskUuid), 56);
  bytes.writeBigUInt64LE(BigInt(side.entriesAt), 72);
  bytes.writeUInt32LE(128, 80);
  bytes.writeUInt32LE(128, 84);
  bytes.writeUInt32LE(crc32(side.entries), 88);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 92)), 16);
  return bytes;
}

/** A GUID's first three fields are little endian on disk. */
function guidBytes(text: string): Uint8Array {
  const raw = Buffer.from(text.replaceAll("-", ""), "hex");
  if (raw.length !== 16) throw new Error(`"${text}" is no GUID`);
  return swapGuid(raw);
}

function guidText(bytes: Uint8Array): string {
  const hex = Buffer.from(swapGuid(bytes)).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function swapGuid(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from([3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15], (from) => bytes[from] ?? 0);
}
