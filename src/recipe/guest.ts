import type { LocalFile } from "./spec.js";

/** A guest of Xen's, as data: from one of these come xl's configuration, libvirt's XML and Xen's device tree nodes. */
export interface GuestSpec {
  readonly name: string;
  readonly uuid: string;
  readonly kernel: GuestFile;
  readonly ramdisk?: GuestFile;
  /** The kernel's whole command line but for the console. */
  readonly arguments: readonly string[];
  /** Bytes, whole MiB. */
  readonly memory: number;
  readonly vcpus: number;
  readonly disks: readonly GuestDisk[];
  readonly vifs: readonly GuestVif[];
  /** Started with the board. */
  readonly autostart: boolean;
  /** Started by Xen itself, beside dom0 and without it. */
  readonly dom0less: boolean;
}

/** Kernels of the recipe's that a guest may start with. */
export type GuestRole = "dom0" | "domU";

/**
 * Where a guest's kernel or initramfs comes from: a kernel of the recipe's, an initramfs of boardsmith's for one, a file of
 * the user's, or a path in dom0.
 */
export type GuestFile =
  | { readonly kind: "role"; readonly role: GuestRole }
  | { readonly kind: "minimal"; readonly role: GuestRole }
  | { readonly kind: "local"; readonly local: LocalFile }
  | { readonly kind: "dom0"; readonly path: string };

/** A disk; `at` is `GROUP/VOLUME` for a logical volume, which blkback serves, and a path in dom0 otherwise. */
export interface GuestDisk {
  readonly kind: "volume" | "file" | "tap";
  readonly at: string;
  /** `xvda`. */
  readonly target: string;
  readonly readOnly: boolean;
}

export interface GuestVif {
  /** Of dom0. */
  readonly bridge: string;
  /** Six bytes in lower-case hex, parted by colons. */
  readonly mac: string;
}
