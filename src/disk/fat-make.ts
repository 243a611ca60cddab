/**
 * Makes a small FAT with some files in it, in memory and always the same for the same files: no mtools, no mount. Clusters
 * are given out from the first on, so whatever lies behind the last file is zero.
 *
 * Source: Microsoft, FAT32 File System Specification 1.03.
 */
import { dotEntries, entryBytes, entryCount, labelEntry } from "./fat-names.js";
import { clusterBytes, dataSector, FAT_BITS, FAT_SECTOR, type FatShape, ROOT_ENTRIES } from "./fat-shape.js";

export interface FatFile {
  /** With slashes, and without one in front. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What a FAT is known by. */
export interface FatIdentity {
  /** At most 11 characters; the builder writes capitals, as most readers expect. */
  readonly label: string;
  /** 8 hex digits. */
  readonly volumeId: string;
  /** Sectors before it on the disk. */
  readonly hidden: number;
  /** Seconds since 1970; the time of everything in it. */
  readonly epoch: number;
}

interface Node {
  readonly path: string;
  readonly folder: boolean;
  readonly bytes: Uint8Array;
  /** Bytes that it takes of clusters. */
  readonly length: number;
  /** First cluster; 0 for what takes none. */
  readonly cluster: number;
  readonly clusters: number;
}

/** The FAT's bytes up to the last that is not free; undefined when the files do not fit. */
export function makeFat(shape: FatShape, identity: FatIdentity, files: readonly FatFile[]): Buffer | undefined {
  const nodes = placeNodes(shape, files);
  const used = nodes.reduce((sum, { clusters }) => sum + clusters, 0);
  const rootEntries = 1 + childrenOf(nodes, "").reduce((sum, { path }) => sum + entryCount(nameOf(path)), 0);
  if (used > shape.clusters || (shape.root > 0 && rootEntries > ROOT_ENTRIES)) return undefined;
  const bytes = Buffer.alloc((dataSector(shape) + used * shape.perCluster) * FAT_SECTOR);
  const boot = bootSector(shape, identity);
  boot.copy(bytes);
  if (shape.kind === "fat32") {
    const info = infoSector(shape.clusters - used, used + 2);
    info.copy(bytes, FAT_SECTOR);
    boot.copy(bytes, 6 * FAT_SECTOR);
    info.copy(bytes, 7 * FAT_SECTOR);
  }
  const table = allocation(shape, nodes);
  table.copy(bytes, shape.reserved * FAT_SECTOR);
  table.copy(bytes, (shape.reserved + shape.fat) * FAT_SECTOR);
  for (const node of nodes) {
    const content = node.folder ? folderBytes(node, nodes, identity) : node.bytes;
    const at =
      node.cluster === 0 ? dataSector(shape) - shape.root : dataSector(shape) + (node.cluster - 2) * shape.perCluster;
    bytes.set(content, at * FAT_SECTOR);
  }
  return bytes;
}

/** Bytes that files may have together at most, as many as there are. */
export function fatRoom(shape: FatShape): number {
  return shape.clusters * clusterBytes(shape);
}

/** Bytes of the clusters that files and their folders take. */
export function fatNeed(shape: FatShape, files: readonly FatFile[]): number {
  return placeNodes(shape, files).reduce((sum, { clusters }) => sum + clusters, 0) * clusterBytes(shape);
}

/** Root, folders, files, each with its clusters. */
function placeNodes(shape: FatShape, files: readonly FatFile[]): readonly Node[] {
  const folders = new Set<string>([""]);
  for (const { path } of files)
    for (let at = path.indexOf("/"); at > 0; at = path.indexOf("/", at + 1)) folders.add(path.slice(0, at));
  const content = new Map(files.map(({ path, bytes }) => [path, bytes]));
  const bare = [
    ...[...folders].sort().map((path) => ({ path, folder: true, bytes: new Uint8Array() })),
    ...[...content].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, bytes]) => ({ path, folder: false, bytes })),
  ];
  let next = 2;
  return bare.map((one) => {
    const length = one.folder ? folderLength(one.path, bare) : one.bytes.length;
    const rooted = one.path === "" && shape.root > 0;
    const clusters = rooted ? 0 : Math.ceil(length / clusterBytes(shape));
    const cluster = clusters === 0 ? 0 : next;
    next += clusters;
    return { ...one, length, cluster, clusters };
  });
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));

function childrenOf<T extends { readonly path: string }>(nodes: readonly T[], folder: string): readonly T[] {
  return nodes.filter(({ path }) => path !== "" && parentOf(path) === folder);
}

/** A label, or two dots, and what is in it; at least one entry, so that every folder has a cluster. */
function folderLength(path: string, nodes: readonly { readonly path: string }[]): number {
  const names = childrenOf(nodes, path).map((one) => nameOf(one.path));
  return ((path === "" ? 1 : 2) + names.reduce((sum, name) => sum + entryCount(name), 0)) * 32;
}

function folderBytes(folder: Node, nodes: readonly Node[], { label, epoch }: FatIdentity): Buffer {
  const above = nodes.find(({ path }) => path === parentOf(folder.path));
  // The folder above the first ones is called 0, whatever its cluster is.
  const parent = parentOf(folder.path) === "" ? 0 : (above?.cluster ?? 0);
  const children = childrenOf(nodes, folder.path).map(({ path, folder: isFolder, cluster, bytes }) => ({
    name: nameOf(path),
    folder: isFolder,
    cluster,
    size: bytes.length,
  }));
  const first = folder.path === "" ? labelEntry(label, epoch) : dotEntries(folder.cluster, parent, epoch);
  return Buffer.concat([first, entryBytes(children, epoch)]);
}

/** One of the two FATs: each cluster says which comes next. */
function allocation(shape: FatShape, nodes: readonly Node[]): Buffer {
  const bits = FAT_BITS[shape.kind];
  const last = shape.kind === "fat32" ? 0x0fffffff : 2 ** bits - 1;
  const table = Buffer.alloc(shape.fat * FAT_SECTOR);
  const set = (cluster: number, value: number): void => {
    if (bits === 32) table.writeUInt32LE(value, cluster * 4);
    else if (bits === 16) table.writeUInt16LE(value, cluster * 2);
    else {
      const at = cluster + (cluster >> 1);
      const old = table.readUInt16LE(at);
      table.writeUInt16LE(cluster & 1 ? (old & 0x000f) | (value << 4) : (old & 0xf000) | value, at);
    }
  };
  // Where a medium's kind and a clean end stood when there were only diskettes.
  set(0, last - 7);
  set(1, last);
  for (const { cluster, clusters } of nodes)
    for (let index = 0; index < clusters; index++)
      set(cluster + index, index + 1 === clusters ? last : cluster + index + 1);
  return table;
}

function bootSector(shape: FatShape, { label, volumeId, hidden }: FatIdentity): Buffer {
  const large = shape.kind === "fat32";
  const bytes = Buffer.alloc(FAT_SECTOR);
  bytes.write(large ? "\u00eb\u0058\u0090BRDSMITH" : "\u00eb\u003c\u0090BRDSMITH", 0, "latin1");
  bytes.writeUInt16LE(FAT_SECTOR, 11);
  bytes[13] = shape.perCluster;
  bytes.writeUInt16LE(shape.reserved, 14);
  bytes[16] = 2;
  bytes.writeUInt16LE(large ? 0 : ROOT_ENTRIES, 17);
  if (!large && shape.sectors < 0x10000) bytes.writeUInt16LE(shape.sectors, 19);
  else bytes.writeUInt32LE(shape.sectors, 32);
  bytes[21] = 0xf8;
  if (large) bytes.writeUInt32LE(shape.fat, 36);
  else bytes.writeUInt16LE(shape.fat, 22);
  // Sectors of a track, and heads.
  bytes.writeUInt16LE(63, 24);
  bytes.writeUInt16LE(255, 26);
  bytes.writeUInt32LE(hidden, 28);
  if (large) {
    // Root folder, FSInfo, backup.
    bytes.writeUInt32LE(2, 44);
    bytes.writeUInt16LE(1, 48);
    bytes.writeUInt16LE(6, 50);
  }
  const at = large ? 64 : 36;
  bytes[at] = 0x80;
  bytes[at + 2] = 0x29;
  bytes.writeUInt32LE(Number.parseInt(volumeId, 16), at + 3);
  bytes.write(label.padEnd(11).slice(0, 11), at + 7, "latin1");
  bytes.write(shape.kind.toUpperCase().padEnd(8), at + 18, "latin1");
  bytes.writeUInt16LE(0xaa55, 510);
  return bytes;
}

/** FSInfo: how many clusters are free, and where to look for one. */
function infoSector(free: number, next: number): Buffer {
  const bytes = Buffer.alloc(FAT_SECTOR);
  bytes.writeUInt32LE(0x41615252, 0);
  bytes.writeUInt32LE(0x61417272, 484);
  bytes.writeUInt32LE(free, 488);
  bytes.writeUInt32LE(next, 492);
  bytes.writeUInt32LE(0xaa550000, 508);
  return bytes;
}
