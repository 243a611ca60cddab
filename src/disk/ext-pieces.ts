import type { ReadAt } from "./ranges.js";
import type { VolumeFile } from "./volume-file.js";

type Piece = VolumeFile["pieces"][number];

/** Inode flag: the content is found by extents, not by a block map. */
const EXTENTS = 0x80000;
const EXTENT_MAGIC = 0xf30a;
/** A longer extent is reserved and not written yet: it reads as zeroes. */
const WRITTEN = 32768;

/**
 * Where an inode's content lies. An extent tree's node is `magic 2 | entries 2 | max 2 | depth 2 | generation 4`, then
 * entries of 12 bytes: in leaves `first block 4 | count 2 | place high 2 | low 4`, above them `first block 4 | place low 4 | high 2`.
 * The older block map is 12 direct blocks, then one indirect, one double and one triple.
 */
export function extPieces(
  read: ReadAt,
  inode: DataView,
  offset: number,
  blockSize: number,
  size: number,
): readonly Piece[] {
  const map = new Uint8Array(inode.buffer, inode.byteOffset + 40, 60);
  const runs =
    inode.getUint32(32, true) & EXTENTS
      ? extents(read, map, offset, blockSize, 5)
      : blockMap(read, map, offset, blockSize, Math.ceil(size / blockSize));
  const pieces: Piece[] = [];
  for (const { block, place, count } of runs) {
    const at = block * blockSize;
    const start = offset + place * blockSize;
    const end = start + Math.min(count * blockSize, size - at);
    if (end <= start) continue;
    const last = pieces.at(-1);
    if (last && last.end === start && last.at + (last.end - last.start) === at) {
      pieces[pieces.length - 1] = { ...last, end };
    } else pieces.push({ at, start, end });
  }
  return pieces;
}

interface Run {
  readonly block: number;
  readonly place: number;
  readonly count: number;
}

function* extents(read: ReadAt, node: Uint8Array, offset: number, blockSize: number, deep: number): Generator<Run> {
  const bytes = new DataView(node.buffer, node.byteOffset, node.byteLength);
  if (bytes.getUint16(0, true) !== EXTENT_MAGIC || deep < 0)
    throw new Error("the ext4 filesystem has a damaged extent tree");
  const leaf = bytes.getUint16(6, true) === 0;
  for (let at = 12, left = bytes.getUint16(2, true); left > 0 && at + 12 <= node.length; left--, at += 12) {
    if (!leaf) {
      const place = bytes.getUint32(at + 4, true) + bytes.getUint16(at + 8, true) * 2 ** 32;
      yield* extents(read, read(offset + place * blockSize, blockSize), offset, blockSize, deep - 1);
      continue;
    }
    const count = bytes.getUint16(at + 4, true);
    const place = bytes.getUint32(at + 8, true) + bytes.getUint16(at + 6, true) * 2 ** 32;
    if (count <= WRITTEN) yield { block: bytes.getUint32(at, true), place, count };
  }
}

function* blockMap(read: ReadAt, map: Uint8Array, offset: number, blockSize: number, blocks: number): Generator<Run> {
  const bytes = new DataView(map.buffer, map.byteOffset, map.byteLength);
  const each = blockSize / 4;
  function* below(place: number, level: number, first: number): Generator<Run> {
    if (place === 0 || first >= blocks) return;
    if (level === 0) {
      yield { block: first, place, count: 1 };
      return;
    }
    const list = read(offset + place * blockSize, blockSize);
    const places = new DataView(list.buffer, list.byteOffset, list.byteLength);
    for (let index = 0; index < each; index++) {
      yield* below(places.getUint32(index * 4, true), level - 1, first + index * each ** (level - 1));
    }
  }
  for (let index = 0; index < 12; index++) yield* below(bytes.getUint32(index * 4, true), 0, index);
  yield* below(bytes.getUint32(48, true), 1, 12);
  yield* below(bytes.getUint32(52, true), 2, 12 + each);
  yield* below(bytes.getUint32(56, true), 3, 12 + each + each ** 2);
}
