import type { Tree } from "../tree.js";

/** A finished root filesystem and what the image around it has for it. */
export interface LintSubject {
  readonly tree: Tree;
  /** Every filesystem of the image, in the layout's order. */
  readonly filesystems: readonly ImageFilesystem[];
  readonly table: "mbr" | "gpt";
  /** The layout has volume groups: /dev/mapper is there, and the rootfs must bring lvm2. */
  readonly volumes: boolean;
  /** Device of the serial console, e.g. `ttyS0`. */
  readonly console: string;
  /** A login on that console will be waited for. */
  readonly serialLogin: boolean;
  /** The first boot asks for a way in, or is given one. */
  readonly firstBootHelps: boolean;
  /** The kernel's own version string. */
  readonly release: string;
  /** The rootfs is that of Xen's dom0. Its release, such as `4.17`. */
  readonly xen?: { readonly release: string };
  /** Name servers that the recipe names. */
  readonly dns: readonly string[];
}

/** A filesystem or swap space by all the names that fstab(5) may call it by. */
export interface ImageFilesystem {
  /** Of its partition, from 1; none for what is on a logical volume. */
  readonly number?: number;
  /** Of its partition, in a GPT. */
  readonly name?: string;
  readonly type: "fat32" | "fat16" | "ext4" | "swap";
  readonly label: string;
  /** As blkid shows it. */
  readonly uuid: string;
  readonly partuuid?: string;
}
