import type { TarMeasure } from "./tar-measure.js";

const MiB = 1024 ** 2;
const BLOCK = 4096;
/** A FAT with fewer clusters is a FAT16 to every reader. */
const FAT32_CLUSTERS = 65525;

/** How an ext4 filesystem of `size` bytes is made: journal in MiB, inodes enough for the content and one per 16 KiB. */
export function ext4Shape(size: number, content: TarMeasure): { readonly journal: number; readonly inodes: number } {
  const journal = size < 128 * MiB ? 4 : size <= 1024 * MiB ? 16 : size <= 4096 * MiB ? 32 : 64;
  return { journal, inodes: Math.max(Math.floor(size / 16384), Math.ceil(content.entries * 1.25) + 64) };
}

/**
 * Bytes an ext4 filesystem of `size` leaves for contents: all but journal, inode tables, bitmaps and descriptors.
 * Descriptors are counted for one copy only, so that nothing that might fit is refused.
 */
export function ext4Room(size: number, content: TarMeasure): number {
  const { journal, inodes } = ext4Shape(size, content);
  const groups = Math.ceil(size / BLOCK / 32768);
  return size - journal * MiB - inodes * 256 - (groups * 2 + 4) * BLOCK;
}

/** mke2fs refuses a journal that would take more than half of what is free. */
export function ext4HoldsJournal(size: number, content: TarMeasure): boolean {
  return ext4Room(size, content) > ext4Shape(size, content).journal * MiB;
}

/** Bytes of an ext4 filesystem that surely holds the content and leaves `slack` free; a multiple of 1 MiB. */
export function ext4Size(content: TarMeasure, slack: number): number {
  const bytes = Math.ceil(content.blocks * BLOCK * 1.02) + slack;
  let size = 8 * MiB;
  for (;;) {
    // Each of up to a dozen groups repeats the descriptors and those kept for growth (1/2048 of the blocks).
    const copies = Math.min(12, Math.ceil(size / BLOCK / 32768)) * (Math.ceil(size / BLOCK / 2048) + 2) * BLOCK;
    const fits = ext4Room(size, content) - copies - MiB >= bytes && ext4HoldsJournal(size - copies, content);
    if (fits) return size;
    size += Math.max(MiB, Math.floor((bytes - ext4Room(size, content) + copies) / MiB / 2) * MiB);
  }
}

/** How a FAT32 filesystem of `size` bytes is made: the largest clusters, at most 4 KiB, that keep it a FAT32; undefined when none do. */
export function fat32Shape(
  size: number,
): { readonly sectorsPerCluster: number; readonly fatSectors: number; readonly clusters: number } | undefined {
  const sectors = Math.floor(size / 512) - 32;
  for (const sectorsPerCluster of [8, 4, 2, 1]) {
    const fatSectors = Math.ceil(((sectors / sectorsPerCluster + 2) * 4) / 512);
    const clusters = Math.floor((sectors - 2 * fatSectors) / sectorsPerCluster);
    if (clusters >= FAT32_CLUSTERS + 16) return { sectorsPerCluster, fatSectors, clusters };
  }
  return undefined;
}

/** Bytes of the smallest FAT32 filesystem, in whole MiB. */
export const FAT32_LEAST = 33 * MiB;

/** Bytes of a FAT16 filesystem that surely holds the content and leaves `slack` free; a multiple of 1 MiB. */
export function fat16Size(content: TarMeasure, slack: number): number {
  const bytes = (content.blocks + 1) * BLOCK + slack;
  return Math.max(4 * MiB, Math.ceil((bytes * 1.02 + MiB) / MiB) * MiB);
}

/** Bytes a FAT32 filesystem of `size` leaves for contents. */
export function fat32Room(size: number): number {
  const shape = fat32Shape(size);
  return shape ? shape.clusters * shape.sectorsPerCluster * 512 : 0;
}

/** Bytes of a FAT32 filesystem that surely holds the content and leaves `slack` free; a multiple of 1 MiB. */
export function fat32Size(content: TarMeasure, slack: number): number {
  const bytes = (content.blocks + 1) * BLOCK + slack;
  return Math.max(FAT32_LEAST, Math.ceil((bytes * 1.02 + MiB) / MiB) * MiB);
}
