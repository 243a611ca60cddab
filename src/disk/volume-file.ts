import type { Range } from "./ranges.js";

/** One path of a filesystem inside an image. */
export interface VolumeFile {
  /** Without a slash in front. */
  readonly path: string;
  readonly type: "file" | "folder" | "symlink" | "char" | "block" | "fifo" | "socket";
  /** Bytes of content; of a symlink, of its target. */
  readonly size: number;
  /** Where the content lies in the image, in order; `at` counts in the file, and what no piece covers is zero. */
  readonly pieces: readonly (Range & { readonly at: number })[];
  /** Permission bits; FAT has none. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Target of a symlink. */
  readonly link?: string;
  readonly device?: { readonly major: number; readonly minor: number };
  /** Extended attributes by full name, values in hex. */
  readonly attributes?: { readonly [name: string]: string };
}

/** A filesystem found in an image. */
export interface Volume {
  readonly filesystem: "ext" | "fat12" | "fat16" | "fat32";
  readonly label: string;
  /** As blkid shows it. */
  readonly uuid: string;
  /** In no order. */
  readonly files: readonly VolumeFile[];
  /** Its journal has not been played back: what is read may be older than what was written. */
  readonly dirty: boolean;
}
