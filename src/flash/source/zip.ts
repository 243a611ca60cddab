/**
 * Zip archives, as far as one image in them is wanted.
 *
 *   local header, data, local header, data, …, central directory, [zip64 record, its locator], end record
 *
 * Source: PKWARE's APPNOTE.TXT 6.3.10, chapters 4.3 and 4.5.
 */
import { createReadStream, type Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { crc32, createInflateRaw } from "node:zlib";
import { SourceFailed } from "./image-source.js";

/** A file of the archive. */
export interface ZipEntry {
  readonly name: string;
  readonly size: number;
  readonly packed: number;
  /** Of its local header. */
  readonly offset: number;
  /** 0 stored, 8 deflated; others are refused when read. */
  readonly method: number;
  readonly crc: number;
  readonly encrypted: boolean;
}

const END = 0x06054b50;
const LOCATOR64 = 0x07064b50;
const END64 = 0x06064b50;
const ENTRY = 0x02014b50;
/** The end record and the longest comment behind it. */
const TAIL = 22 + 65_535;

/** The files of an archive. Throws SourceFailed when its end is missing. */
export async function zipEntries(path: string): Promise<readonly ZipEntry[]> {
  await using file = await open(path, "r");
  const directory = await centralDirectory(file, await file.stat(), path);
  const entries: ZipEntry[] = [];
  for (let at = 0; at + 46 <= directory.length && directory.readUInt32LE(at) === ENTRY; ) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) =>
      directory.readUInt16LE(at + field),
    ) as [number, number, number];
    const name = directory.toString("utf8", at + 46, at + 46 + nameLength);
    const extra = directory.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
    const [size, packed, offset] = wide(
      extra,
      [24, 20, 42].map((field) => directory.readUInt32LE(at + field)),
    );
    entries.push({
      name,
      size: size ?? 0,
      packed: packed ?? 0,
      offset: offset ?? 0,
      method: directory.readUInt16LE(at + 10),
      crc: directory.readUInt32LE(at + 16),
      encrypted: (directory.readUInt16LE(at + 8) & 1) === 1,
    });
    at += 46 + nameLength + extraLength + commentLength;
  }
  return entries.filter(({ name }) => !name.endsWith("/"));
}

/** A file's bytes, checked against the archive's checksum at their end. */
export async function* zipContent(path: string, entry: ZipEntry): AsyncGenerator<Buffer> {
  if (entry.encrypted) throw new SourceFailed(`${path}: ${entry.name} is encrypted`);
  if (entry.method !== 0 && entry.method !== 8) {
    throw new SourceFailed(
      `${path}: ${entry.name} is packed by method ${entry.method}; only stored and deflated files are read`,
    );
  }
  const start = await dataStart(path, entry);
  const raw = createReadStream(path, { start, end: start + entry.packed - 1, highWaterMark: 1024 * 1024 });
  const bytes = entry.method === 0 ? raw : raw.pipe(createInflateRaw({ chunkSize: 256 * 1024 }));
  let crc = 0;
  let size = 0;
  try {
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      crc = crc32(chunk, crc);
      size += chunk.length;
      yield chunk;
    }
  } catch (error) {
    throw new SourceFailed(`${path} is damaged: ${(error as Error).message}`);
  } finally {
    raw.destroy();
  }
  if (size !== entry.size || crc !== entry.crc)
    throw new SourceFailed(`${path} is damaged: ${entry.name} has another checksum`);
}

async function centralDirectory(file: FileHandle, { size }: Stats, path: string): Promise<Buffer> {
  const tail = await bytesAt(file, Math.max(0, size - TAIL), Math.min(size, TAIL));
  let end = tail.length - 22;
  while (end >= 0 && tail.readUInt32LE(end) !== END) end--;
  if (end < 0) throw new SourceFailed(`${path} is cut off: a zip's directory is at its end, and there is none`);
  let [length, offset] = [tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)];
  if (offset === 0xffffffff && end >= 20 && tail.readUInt32LE(end - 20) === LOCATOR64) {
    const record = await bytesAt(file, Number(tail.readBigUInt64LE(end - 12)), 56);
    if (record.length === 56 && record.readUInt32LE(0) === END64) {
      length = Number(record.readBigUInt64LE(40));
      offset = Number(record.readBigUInt64LE(48));
    }
  }
  return await bytesAt(file, offset, length);
}

/** Sizes and offset that do not fit 32 bits are in the extra field 1, in this order, and only those that do not. */
function wide(extra: Buffer, values: readonly number[]): readonly number[] {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let next = at + 4;
    return values.map((value) => {
      if (value !== 0xffffffff) return value;
      next += 8;
      return Number(extra.readBigUInt64LE(next - 8));
    });
  }
  return values;
}

async function dataStart(path: string, entry: ZipEntry): Promise<number> {
  await using file = await open(path, "r");
  const header = await bytesAt(file, entry.offset, 30);
  if (header.length < 30) throw new SourceFailed(`${path} is damaged: ${entry.name} lies behind its end`);
  return entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
}

async function bytesAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
  return buffer.subarray(0, bytesRead);
}
