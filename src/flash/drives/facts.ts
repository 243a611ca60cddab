/** Everything about this machine's disks that a decision needs, read at one moment. */
export interface DriveFacts {
  readonly disks: readonly DiskFacts[];
  readonly mounts: readonly MountFacts[];
  /** Devices and files that are swapped to, as /proc/swaps has them. */
  readonly swaps: readonly string[];
}

/** A whole disk: an entry of /sys/block. */
export interface DiskFacts {
  /** The kernel's: `sdb`, `mmcblk0`. */
  readonly name: string;
  readonly path: string;
  /** MAJOR:MINOR. */
  readonly number: string;
  /** Bytes; 0 without a medium. */
  readonly size: number;
  /** Logical block, bytes. */
  readonly block: number;
  readonly readOnly: boolean;
  readonly removable: boolean;
  /** Whether it can be told to give blocks up. */
  readonly discards: boolean;
  readonly transport: Transport;
  readonly model: string;
  readonly serial: string;
  /** Its links below /dev/disk/by-id and by-path. */
  readonly links: readonly string[];
  /** Which filesystem or member it is as a whole, as udev saw it: `LVM2_member`. */
  readonly content?: string;
  readonly partitions: readonly PartitionFacts[];
  /** Names of dm and md devices that lie on the whole disk. */
  readonly holders: readonly string[];
  /** What dm calls it (`LVM-…`, `CRYPT-…`), for dm devices. */
  readonly dm?: string;
  /** Its backing file, for loop devices in use. */
  readonly file?: string;
}

export type Transport = "usb" | "sd" | "emmc" | "nvme" | "sata" | "virtio" | "loop" | "zram" | "dm" | "md" | "other";

export interface PartitionFacts {
  readonly name: string;
  readonly path: string;
  readonly number: string;
  readonly size: number;
  readonly content?: string;
  readonly label?: string;
  readonly holders: readonly string[];
}

export interface MountFacts {
  /** MAJOR:MINOR of the filesystem; btrfs and overlay invent one. */
  readonly number: string;
  readonly source: string;
  readonly target: string;
}
