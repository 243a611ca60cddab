/**
 * How a FAT12, FAT16 or FAT32 of a given size is divided:
 *
 *   | reserved: boot sector (FAT32: and FSInfo, their backup) | FAT | FAT | root folder (FAT12, FAT16) | cluster 2 | …
 *
 * The number of clusters, and nothing else, tells every reader which of the three it is.
 * Source: Microsoft, FAT32 File System Specification 1.03.
 */
export type FatKind = "fat12" | "fat16" | "fat32";

/** All counts in sectors of 512 bytes, but for `clusters`. */
export interface FatShape {
  readonly kind: FatKind;
  readonly sectors: number;
  readonly reserved: number;
  /** Of one of the two FATs. */
  readonly fat: number;
  readonly root: number;
  readonly perCluster: number;
  readonly clusters: number;
}

export const FAT_SECTOR = 512;
/** Entries of FAT12's and FAT16's root folder. */
export const ROOT_ENTRIES = 512;

/** Clusters that make it this kind; 16 away from where readers disagree, as Microsoft advises. */
const CLUSTERS = { fat12: [1, 4084 - 16], fat16: [4085 + 16, 65524 - 16], fat32: [65525 + 16, 0x0ffffff4] } as const;
/** Bits of a FAT's entry. */
export const FAT_BITS = { fat12: 12, fat16: 16, fat32: 32 } as const;

/** A FAT of `size` bytes with the smallest clusters that make it this kind; undefined when none do. */
export function fatShape(size: number, kind: FatKind): FatShape | undefined {
  const sectors = Math.floor(size / FAT_SECTOR);
  const reserved = kind === "fat32" ? 32 : 1;
  const root = kind === "fat32" ? 0 : (ROOT_ENTRIES * 32) / FAT_SECTOR;
  const [least, most] = CLUSTERS[kind];
  for (let perCluster = 1; perCluster <= 64; perCluster *= 2) {
    const room = sectors - reserved - root;
    const entries = Math.floor(room / perCluster) + 2;
    const fat = Math.ceil((entries * FAT_BITS[kind]) / 8 / FAT_SECTOR);
    const clusters = Math.floor((room - 2 * fat) / perCluster);
    if (clusters >= least && clusters <= most) return { kind, sectors, reserved, fat, root, perCluster, clusters };
  }
  return undefined;
}

/** The first sector of cluster 2. */
export const dataSector = (shape: FatShape): number => shape.reserved + 2 * shape.fat + shape.root;

/** Bytes of a cluster. */
export const clusterBytes = (shape: FatShape): number => shape.perCluster * FAT_SECTOR;
