/**
 * Which blocks of an ext4 filesystem matter: every block a card must hold for the filesystem to be whole, zeros included.
 *
 *   block 0: | 1024 bytes free | superblock | … group descriptors | reserved descriptors | bitmaps, inode tables | data …
 *   group n: | superblock and descriptors again, in some groups | …
 *
 * A hole of the sparse file is no proof that a block is unused (inode tables, the journal and zeros in files are
 * holes too), so the block bitmaps are read instead. Source: Linux, Documentation/filesystems/ext4.
 */
import type { Range, ReadAt } from "./ranges.js";
import { setRuns } from "./ranges.js";

const MAGIC = 0xef53;
const COMPAT_SPARSE_SUPER2 = 0x200;
const INCOMPAT_META_BG = 0x10;
const INCOMPAT_64BIT = 0x80;
const RO_SPARSE_SUPER = 0x1;
const RO_BIGALLOC = 0x200;
const BLOCK_UNINIT = 0x2;

/** Byte ranges in use of the ext4 filesystem at `offset`. Throws when there is none, or one with meta_bg or bigalloc. */
export function ext4Ranges(read: ReadAt, offset: number): Range[] {
  const bytes = read(offset + 1024, 1024);
  const sb = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (sb.getUint16(56, true) !== MAGIC) throw new Error(`no ext4 filesystem at byte ${offset}`);
  const compat = sb.getUint32(92, true);
  const incompat = sb.getUint32(96, true);
  const readOnly = sb.getUint32(100, true);
  if (incompat & INCOMPAT_META_BG || readOnly & RO_BIGALLOC) {
    throw new Error("ext4 with meta_bg or bigalloc cannot be mapped");
  }
  const wide = (incompat & INCOMPAT_64BIT) !== 0;
  const blockSize = 1024 << sb.getUint32(24, true);
  const blocks = sb.getUint32(4, true) + (wide ? sb.getUint32(0x150, true) * 2 ** 32 : 0);
  const firstBlock = sb.getUint32(20, true);
  const blocksPerGroup = sb.getUint32(32, true);
  const inodeTableBlocks = Math.ceil((sb.getUint32(40, true) * sb.getUint16(88, true)) / blockSize);
  const descriptorSize = wide ? sb.getUint16(254, true) : 32;
  const groups = Math.ceil((blocks - firstBlock) / blocksPerGroup);
  const descriptorBlocks = Math.ceil((groups * descriptorSize) / blockSize);
  const superCopy = 1 + descriptorBlocks + sb.getUint16(206, true);
  const backups = [sb.getUint32(0x24c, true), sb.getUint32(0x250, true)];
  const hasSuper = (group: number): boolean => {
    if (group === 0) return true;
    if (compat & COMPAT_SPARSE_SUPER2) return backups.includes(group);
    return !(readOnly & RO_SPARSE_SUPER) || group === 1 || [3, 5, 7].some((base) => isPower(group, base));
  };

  const used: Range[] = [];
  const use = (first: number, behind: number): void => {
    used.push({ start: offset + first * blockSize, end: offset + Math.min(behind, blocks) * blockSize });
  };
  use(0, firstBlock + 1);
  const table = read(offset + (firstBlock + 1) * blockSize, groups * descriptorSize);
  const descriptors = new DataView(table.buffer, table.byteOffset, table.byteLength);
  for (let group = 0; group < groups; group++) {
    const at = group * descriptorSize;
    const pointer = (low: number): number =>
      descriptors.getUint32(at + low, true) + (wide ? descriptors.getUint32(at + low + 0x20, true) * 2 ** 32 : 0);
    const start = firstBlock + group * blocksPerGroup;
    const blockBitmap = pointer(0);
    use(blockBitmap, blockBitmap + 1);
    use(pointer(4), pointer(4) + 1);
    use(pointer(8), pointer(8) + inodeTableBlocks);
    if (hasSuper(group)) use(start, start + superCopy);
    if (descriptors.getUint16(at + 18, true) & BLOCK_UNINIT) continue;
    const count = Math.min(blocksPerGroup, blocks - start);
    for (const [first, behind] of setRuns(read(offset + blockBitmap * blockSize, blockSize), count)) {
      use(start + first, start + behind);
    }
  }
  return used;
}

function isPower(value: number, base: number): boolean {
  let power = base;
  while (power < value) power *= base;
  return power === value;
}
