/**
 * The files of an ext2, ext3 or ext4 filesystem, read without mounting it.
 *
 *   superblock (byte 1024) → group descriptors → inode table of each group → inode 2, the root folder
 *   inode: 0 mode 2 | 2 uid 2 | 4 size 4 | 24 gid 2 | 32 flags 4 | 40 extent tree or block map 60 | 104 xattr block 4
 *          | 108 size high 4 | 118 xattr block high 2 | 120 uid high 2 | 122 gid high 2 | 128 extra size 2 | xattrs …
 *   folder entry: inode 4 | length 2 | name length 1 | type 1 | name
 *
 * Source: Linux, Documentation/filesystems/ext4. Folders with a hash index read like plain ones: its blocks look empty.
 */
import { extAttributes } from "./ext-attributes.js";
import { extPieces } from "./ext-pieces.js";
import type { ReadAt } from "./ranges.js";
import type { Volume, VolumeFile } from "./volume-file.js";

const MAGIC = 0xef53;
const INCOMPAT_RECOVER = 0x4;
const INCOMPAT_64BIT = 0x80;
/** Meta block groups and inline data put things elsewhere. */
const INCOMPAT_UNREAD = { "meta block groups": 0x10, "inline data": 0x8000, encryption: 0x10000 };
const ROOT = 2;
const TYPES: Readonly<Record<number, VolumeFile["type"]>> = {
  1: "fifo",
  2: "char",
  4: "folder",
  6: "block",
  8: "file",
  10: "symlink",
  12: "socket",
};

/** One filesystem's geometry, and its inodes by number. */
interface Geometry {
  readonly read: ReadAt;
  /** Byte offset of the filesystem in the image. */
  readonly offset: number;
  readonly blockSize: number;
  inode(number: number): DataView;
}

/** The filesystem at `offset` with all its files; undefined when there is none. Throws a plain Error on one that is damaged or of a kind not read here. */
export function extVolume(read: ReadAt, offset: number): Volume | undefined {
  const sb = view(read(offset + 1024, 1024));
  if (sb.byteLength < 1024 || sb.getUint16(56, true) !== MAGIC) return undefined;
  const incompat = sb.getUint32(96, true);
  for (const [what, bit] of Object.entries(INCOMPAT_UNREAD)) {
    if (incompat & bit) throw new Error(`an ext4 filesystem with ${what} is not read here`);
  }
  const files: VolumeFile[] = [];
  walk(geometry(read, offset, sb), ROOT, "", new Set(), files);
  const uuid = Buffer.from(sb.buffer, sb.byteOffset + 104, 16).toString("hex");
  return {
    filesystem: "ext",
    label: textOf(sb, 120, 16),
    uuid: [uuid.slice(0, 8), uuid.slice(8, 12), uuid.slice(12, 16), uuid.slice(16, 20), uuid.slice(20)].join("-"),
    files,
    dirty: (incompat & INCOMPAT_RECOVER) !== 0,
  };
}

function geometry(read: ReadAt, offset: number, sb: DataView): Geometry {
  const wide = (sb.getUint32(96, true) & INCOMPAT_64BIT) !== 0;
  const blockSize = 1024 << sb.getUint32(24, true);
  const perGroup = sb.getUint32(40, true);
  const inodeSize = sb.getUint32(76, true) === 0 ? 128 : sb.getUint16(88, true);
  const descriptorSize = wide ? sb.getUint16(254, true) : 32;
  const descriptors = offset + (sb.getUint32(20, true) + 1) * blockSize;
  const inodes = sb.getUint32(0, true);
  const inode = (number: number): DataView => {
    if (number < 1 || number > inodes)
      throw new Error(`the ext4 filesystem names an inode ${number} that it does not have`);
    const group = Math.floor((number - 1) / perGroup);
    const descriptor = view(read(descriptors + group * descriptorSize, descriptorSize));
    const table = descriptor.getUint32(8, true) + (wide ? descriptor.getUint32(0x28, true) * 2 ** 32 : 0);
    return view(read(offset + table * blockSize + ((number - 1) % perGroup) * inodeSize, inodeSize));
  };
  return { read, offset, blockSize, inode };
}

function walk(fs: Geometry, number: number, path: string, above: Set<number>, files: VolumeFile[]): void {
  if (above.has(number)) throw new Error(`the folder /${path} of the ext4 filesystem contains itself`);
  const folder = fileOf(fs, number, path);
  files.push(folder);
  const inside = new Set(above).add(number);
  for (const piece of folder.pieces) {
    for (let start = piece.start; start < piece.end; start += fs.blockSize) {
      for (const { inode, name } of entries(fs.read(start, fs.blockSize))) {
        const below = path === "" ? name : `${path}/${name}`;
        if ((fs.inode(inode).getUint16(0, true) & 0xf000) === 0x4000) walk(fs, inode, below, inside, files);
        else files.push(fileOf(fs, inode, below));
      }
    }
  }
}

function* entries(block: Uint8Array): Generator<{ readonly inode: number; readonly name: string }> {
  const bytes = view(block);
  for (let at = 0; at + 8 <= bytes.byteLength; ) {
    const inode = bytes.getUint32(at, true);
    const length = bytes.getUint16(at + 4, true);
    if (length < 8) return;
    const name = Buffer.from(block.subarray(at + 8, at + 8 + bytes.getUint8(at + 6))).toString("utf8");
    if (inode !== 0 && name !== "." && name !== "..") yield { inode, name };
    at += length;
  }
}

function fileOf(fs: Geometry, number: number, path: string): VolumeFile {
  const inode = fs.inode(number);
  const mode = inode.getUint16(0, true);
  const type = TYPES[mode >> 12];
  if (!type) throw new Error(`/${path} of the ext4 filesystem is of no known type`);
  const size = inode.getUint32(4, true) + inode.getUint32(108, true) * 2 ** 32;
  const attributes = extAttributes(fs.read, inode, fs.offset, fs.blockSize);
  const common = {
    path,
    type,
    mode: mode & 0o7777,
    uid: inode.getUint16(2, true) + inode.getUint16(120, true) * 0x10000,
    gid: inode.getUint16(24, true) + inode.getUint16(122, true) * 0x10000,
    ...(Object.keys(attributes).length > 0 ? { attributes } : {}),
  };
  if (type === "char" || type === "block") return { ...common, size: 0, pieces: [], device: deviceOf(inode) };
  if (type === "fifo" || type === "socket") return { ...common, size: 0, pieces: [] };
  // A short target stands in the inode itself.
  if (type === "symlink" && size < 60) return { ...common, size, pieces: [], link: textOf(inode, 40, size) };
  const pieces = extPieces(fs.read, inode, fs.offset, fs.blockSize, size);
  if (type !== "symlink") return { ...common, size: type === "folder" ? 0 : size, pieces };
  const [first] = pieces;
  return { ...common, size, pieces, link: first ? textOf(view(fs.read(first.start, size)), 0, size) : "" };
}

/** Linux's old encoding of a device's numbers in the first word, the new one in the second. */
function deviceOf(inode: DataView): { readonly major: number; readonly minor: number } {
  const old = inode.getUint32(40, true);
  if (old !== 0) return { major: (old >> 8) & 0xff, minor: old & 0xff };
  const wide = inode.getUint32(44, true);
  return { major: (wide >> 8) & 0xfff, minor: (wide & 0xff) | ((wide >>> 12) & 0xfff00) };
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function textOf(bytes: DataView, at: number, length: number): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + at, length);
  const end = text.indexOf(0);
  return text.toString("utf8", 0, end < 0 ? length : end);
}
