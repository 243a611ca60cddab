/**
 * The files of a FAT12, FAT16 or FAT32 filesystem, read without mounting it.
 *
 *   | reserved sectors: boot sector first | FATs | root folder (FAT12, FAT16) | cluster 2 | cluster 3 | …
 *   folder entry, 32 bytes: name 8 | extension 3 | attributes 1 | case 1 | … | 20 cluster high 2 | … | 26 cluster low 2 | size 4
 *   long names: entries with attributes 0x0f in front of the short one, last part first, 13 UTF-16 units each
 *
 * Source: Microsoft, FAT32 File System Specification 1.03.
 */
import type { Range, ReadAt } from "./ranges.js";
import type { Volume, VolumeFile } from "./volume-file.js";

const FOLDER = 0x10;
const VOLUME_LABEL = 0x08;
const LONG_NAME = 0x0f;
/** Deeper folders than Windows can name mean damage. */
const DEEPEST = 128;

interface Geometry {
  readonly read: ReadAt;
  readonly kind: "fat12" | "fat16" | "fat32";
  readonly fat: number;
  readonly data: number;
  readonly cluster: number;
  readonly clusters: number;
}

/** The filesystem at `offset` with all its files; undefined when there is none. Throws a plain Error on a damaged one. */
export function fatVolume(read: ReadAt, offset: number): Volume | undefined {
  const bytes = read(offset, 512);
  const boot = view(bytes);
  if (bytes.length < 512 || boot.getUint16(510, true) !== 0xaa55 || ![0xeb, 0xe9].includes(boot.getUint8(0)))
    return undefined;
  const sector = boot.getUint16(11, true);
  const perCluster = boot.getUint8(13);
  const fats = boot.getUint8(16);
  const fatSectors = boot.getUint16(22, true) || boot.getUint32(36, true);
  if (![512, 1024, 2048, 4096].includes(sector) || perCluster === 0 || (perCluster & (perCluster - 1)) !== 0)
    return undefined;
  if (fats === 0 || fatSectors === 0) return undefined;
  const fat = offset + boot.getUint16(14, true) * sector;
  const rootAt = fat + fats * fatSectors * sector;
  const data = rootAt + Math.ceil((boot.getUint16(17, true) * 32) / sector) * sector;
  const sectors = boot.getUint16(19, true) || boot.getUint32(32, true);
  const clusters = Math.floor((sectors - (data - offset) / sector) / perCluster);
  const kind = clusters < 4085 ? "fat12" : clusters < 65525 ? "fat16" : "fat32";
  const fs = { read, kind, fat, data, cluster: perCluster * sector, clusters } as const;
  const root = kind === "fat32" ? chain(fs, boot.getUint32(44, true)) : [{ start: rootAt, end: data }];
  const files: VolumeFile[] = [];
  const label = walk(fs, root, "", files);
  // Behind the boot sector's fields: signature 1, id 4, label 11.
  const extra = kind === "fat32" ? 67 : 39;
  const id = boot.getUint32(extra, true).toString(16).padStart(8, "0").toUpperCase();
  const own = Buffer.from(bytes.subarray(extra + 4, extra + 15))
    .toString("latin1")
    .trim();
  return {
    filesystem: kind,
    label: label ?? (own === "NO NAME" ? "" : own),
    uuid: `${id.slice(0, 4)}-${id.slice(4)}`,
    files,
    dirty: false,
  };
}

/** Adds what is in a folder and gives the volume label when it is the root and has one. */
function walk(fs: Geometry, ranges: readonly Range[], path: string, files: VolumeFile[]): string | undefined {
  if (path.split("/").length > DEEPEST) throw new Error("the folders of the FAT filesystem contain themselves");
  const content = Buffer.concat(ranges.map(({ start, end }) => fs.read(start, end - start)));
  let label: string | undefined;
  let long = "";
  for (let at = 0; at + 32 <= content.length && content[at] !== 0; at += 32) {
    const attributes = content[at + 11] ?? 0;
    if (content[at] === 0xe5) {
      long = "";
      continue;
    }
    if (attributes === LONG_NAME) {
      long = longPart(content.subarray(at, at + 32)) + long;
      continue;
    }
    const name = long.split("\0")[0] || shortName(content.subarray(at, at + 32));
    long = "";
    if (attributes & VOLUME_LABEL) {
      label = content.toString("latin1", at, at + 11).trim();
      continue;
    }
    if (name === "." || name === "..") continue;
    const below = path === "" ? name : `${path}/${name}`;
    const size = content.readUInt32LE(at + 28);
    const first = content.readUInt16LE(at + 26) + (fs.kind === "fat32" ? content.readUInt16LE(at + 20) * 0x10000 : 0);
    const found = first === 0 ? [] : chain(fs, first);
    if (attributes & FOLDER) {
      files.push({ path: below, type: "folder", size: 0, pieces: [] });
      walk(fs, found, below, files);
    } else files.push({ path: below, type: "file", size, pieces: cut(found, size) });
  }
  return label;
}

/** Neighbouring clusters of a chain as one range. */
function chain(fs: Geometry, first: number): readonly Range[] {
  const ranges: Range[] = [];
  let left = fs.clusters;
  for (let cluster = first; cluster >= 2 && cluster < fs.clusters + 2; cluster = next(fs, cluster)) {
    if (left-- === 0) throw new Error("a chain of clusters of the FAT filesystem never ends");
    const start = fs.data + (cluster - 2) * fs.cluster;
    const last = ranges.at(-1);
    if (last?.end === start) ranges[ranges.length - 1] = { start: last.start, end: start + fs.cluster };
    else ranges.push({ start, end: start + fs.cluster });
  }
  return ranges;
}

/** What the FAT says comes after a cluster; end marks are larger than any cluster. */
function next({ read, kind, fat }: Geometry, cluster: number): number {
  if (kind === "fat32") return view(read(fat + cluster * 4, 4)).getUint32(0, true) & 0x0fffffff;
  if (kind === "fat16") return view(read(fat + cluster * 2, 2)).getUint16(0, true);
  const pair = view(read(fat + cluster + (cluster >> 1), 2)).getUint16(0, true);
  return cluster & 1 ? pair >> 4 : pair & 0xfff;
}

function cut(ranges: readonly Range[], size: number): VolumeFile["pieces"] {
  let at = 0;
  return ranges.flatMap(({ start, end }) => {
    const length = Math.min(end - start, size - at);
    if (length <= 0) return [];
    const piece = { at, start, end: start + length };
    at += length;
    return [piece];
  });
}

function longPart(entry: Buffer): string {
  return Buffer.concat([entry.subarray(1, 11), entry.subarray(14, 26), entry.subarray(28, 32)]).toString("utf16le");
}

/** `ZIMAGE` with the marks that say a part is in lower case. */
function shortName(entry: Buffer): string {
  const part = (from: number, to: number, lower: number): string => {
    const text = entry.toString("latin1", from, to).trimEnd();
    return (entry[12] ?? 0) & lower ? text.toLowerCase() : text;
  };
  const [name, extension] = [part(0, 8, 0x08), part(8, 11, 0x10)];
  return extension === "" ? name : `${name}.${extension}`;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
