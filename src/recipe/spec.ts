import type { Board } from "../board/board.js";
import type { Model } from "../board/model.js";
import type { Location } from "../diagnostic/diagnostic.js";
import type { Fragment } from "../kconfig/fragment.js";
import type { GuestSpec } from "./guest.js";
import type { LintCode } from "./schema/lint.js";

/**
 * What one build is asked to do: a recipe (with all it extends) and its board, resolved and checked.
 * Paths are absolute and digested; nothing in here depends on the time or on the network.
 */
export interface Spec {
  readonly name: string;
  readonly description: string;
  /** Absolute path of the recipe file. */
  readonly file: string;
  readonly board: Board;
  readonly sources: { readonly [name: string]: SourceSpec };
  readonly toolchain: ToolchainSpec;
  /** Inject the lvm2 fragment into every kernel, and lvm2 into the proof's checks. */
  readonly lvm: boolean;
  readonly kernel: KernelSpec;
  /** The kernel is dom0's then, and the boot method `script`. */
  readonly xen?: XenSpec;
  /** For Xen's guests, from the same source. */
  readonly guestKernel?: CompiledKernelSpec;
  readonly uboot: UBootSpec;
  readonly boot: BootSpec;
  readonly rootfs: RootfsSpec;
  readonly provision: ProvisionSpec;
  /** Absent: the board boots from its card. */
  readonly netboot?: NetbootSpec;
  readonly image: ImageSpec;
  /** The model that images are made for besides the card. */
  readonly fastModel?: Model;
  /** Sorted by name. */
  readonly guests: readonly GuestSpec[];
  readonly lint: LintSpec;
  readonly proof: ProofSpec;
  /** SOURCE_DATE_EPOCH of everything that carries a time, seconds. */
  readonly epoch: number;
  /** Every file that was read to make this spec (recipes, boards, fragments, patches, overlay files …), absolute; the no-op check watches them. */
  readonly files: readonly string[];
}

/** A file or folder of the user's, known by content. `shown` is how the recipe wrote it. */
export interface LocalFile {
  readonly path: string;
  readonly shown: string;
  readonly kind: "file" | "tree";
  /** Of the bytes for a file; of names, modes, link targets and bytes for a tree (see digestTree). */
  readonly sha256: string;
}

export type SourceSpec =
  | {
      readonly kind: "git";
      readonly url: string;
      readonly ref: { readonly branch: string } | { readonly tag: string } | { readonly commit: string };
      readonly submodules: boolean;
      /** OpenPGP public keys one of which must have signed the tag; empty: not asked for. */
      readonly keys: readonly LocalFile[];
    }
  | {
      readonly kind: "http";
      readonly urls: readonly string[];
      readonly sha256: string;
      /** URL of a detached OpenPGP signature of the file (or of its uncompressed form, as kernel.org signs). */
      readonly signature?: string;
      readonly keys: readonly LocalFile[];
    }
  | { readonly kind: "distro"; readonly package: string; readonly version?: string }
  | { readonly kind: "path"; readonly local: LocalFile };

export type ToolchainSpec =
  | { readonly kind: "distro"; readonly prefix: string; readonly libc: "glibc" }
  | {
      readonly kind: "source";
      readonly source: string;
      readonly prefix: string;
      readonly libc: "glibc" | "musl" | "uclibc" | "newlib" | "nolibc";
    };

export type KernelSpec = CompiledKernelSpec | PackagedKernelSpec | PrebuiltKernelSpec;

/** A kernel that is compiled from source. */
export interface CompiledKernelSpec {
  readonly kind: "source";
  /** Step id is `kernel` for role "kernel", which is dom0's under Xen, and `kernel:domU` for the guests'. */
  readonly role: string;
  readonly source: string;
  readonly defconfig: { readonly inTree: string } | { readonly local: LocalFile };
  readonly patches: readonly LocalFile[];
  /** The recipe's, in order; the lvm2 fragment is prepended when `lvm` is true. */
  readonly fragments: readonly Fragment[];
  /** CONFIG_ names that a fragment may ask for and not get. */
  readonly allowDropped: readonly string[];
}

/** Xen, wherever it comes from, and what it is told. */
export interface XenSpec {
  readonly from: CompiledXenSpec | PackagedXenSpec | PrebuiltXenSpec;
  /** Behind console= and dom0_mem=. */
  readonly arguments: readonly string[];
  readonly dom0: {
    /** Bytes, whole MiB. */
    readonly memory: number;
    /** Absent: one for each core. */
    readonly vcpus?: number;
  };
}

export interface CompiledXenSpec {
  readonly kind: "source";
  readonly source: string;
  readonly defconfig: string;
  readonly patches: readonly LocalFile[];
  readonly fragments: readonly Fragment[];
  readonly earlyPrintk: boolean;
}

export interface PackagedXenSpec {
  readonly kind: "package";
  readonly package: string;
}

export interface PrebuiltXenSpec {
  readonly kind: "prebuilt";
  readonly sources: readonly string[];
  /** Path in them, without a leading slash. */
  readonly image?: string;
}

/** The kernel of the root filesystem's own distribution; its package is among the root filesystem's. */
export interface PackagedKernelSpec {
  readonly kind: "package";
  readonly role: string;
  readonly package: string;
}

/** A kernel that somebody else built. */
export interface PrebuiltKernelSpec {
  readonly kind: "prebuilt";
  readonly role: string;
  /** Names of sources, laid over each other in this order. */
  readonly sources: readonly string[];
  /** Where things are in them, as far as the recipe says so. */
  readonly paths: KernelPaths;
}

/** Paths in a kernel's package, without a leading slash. */
export interface KernelPaths {
  readonly image?: string;
  readonly dtbs?: string;
  readonly modules?: string;
  readonly config?: string;
}

export interface UBootSpec {
  readonly source: string;
  readonly defconfig: string;
  readonly patches: readonly LocalFile[];
  readonly fragments: readonly Fragment[];
}

export interface BootSpec {
  readonly method: "extlinux" | "script";
  /** More kernel arguments behind console=, root= and rootwait. */
  readonly arguments: readonly string[];
  /** Where the recipe says them. */
  readonly places?: readonly Location[];
  /** Absent: the kernel mounts the root filesystem by itself. */
  readonly initramfs?:
    | {
        /** Name of the source that its busybox is compiled from. */
        readonly busybox: string;
      }
    /** The user's own. */
    | { readonly local: LocalFile };
}

export type RootfsSpec =
  | {
      readonly kind: "distro";
      readonly distro: "debian";
      readonly suite: string;
      /** Debian's name of the architecture, from the board. */
      readonly arch: string;
      readonly packages: readonly string[];
      readonly recommends: boolean;
    }
  | RpmRootfsSpec
  | { readonly kind: "tar"; readonly source: string }
  | { readonly kind: "busybox"; readonly source: string };

export interface RpmRootfsSpec {
  readonly kind: "rpm";
  readonly distro: "opensuse";
  /** RPM's name of the architecture, from the board. */
  readonly arch: string;
  readonly repositories: { readonly [name: string]: RpmRepositorySpec };
  readonly packages: readonly string[];
  readonly patterns: readonly string[];
  readonly exclude: readonly string[];
  readonly recommends: boolean;
  /** Present: kiwi-ng installs the packages and runs the description's scripts; the wishes above are the description's. */
  readonly kiwi?: KiwiSpec;
  /** Where the recipe says what, for what the solver refuses: `packages/NAME`, `patterns/NAME`, `exclude/NAME`, `repositories/NAME`. */
  readonly places?: { readonly [wish: string]: Location };
}

/** A KIWI description that makes the root filesystem. */
export interface KiwiSpec {
  readonly description: LocalFile;
  readonly profiles: readonly string[];
  /** It takes packages out again that were installed. */
  readonly removes: boolean;
  /** Its image type asks for a volume group. */
  readonly lvm: boolean;
}

/** An rpm-md repository. */
export interface RpmRepositorySpec {
  /** Ends without a slash. */
  readonly url: string;
  /** As zypper's: the lower number wins. */
  readonly priority: number;
  /** OpenPGP public keys one of which must have signed the metadata; empty: the recipe takes it unsigned. */
  readonly keys: readonly LocalFile[];
}

export interface UserSpec {
  readonly name: string;
  readonly uid?: number;
  readonly comment?: string;
  /** crypt(3) hash, never clear text; secret: keep out of printed facts, logs and manifests. */
  readonly passwordHash?: string;
  readonly sshKeys: readonly string[];
  readonly groups: readonly string[];
  readonly shell?: string;
}

export interface NetworkSpec {
  readonly interface: string;
  /** It is a bridge over these interfaces. */
  readonly bridge?: readonly string[];
  readonly dhcp: boolean;
  /** CIDR, e.g. 192.0.2.10/24. */
  readonly address?: string;
  readonly gateway?: string;
  readonly dns: readonly string[];
}

/** A folder of an NFS server that the board mounts. */
export interface NfsMountSpec {
  readonly server: string;
  readonly path: string;
  /** Absolute folder in the rootfs. */
  readonly at: string;
  readonly version: NfsVersion;
  readonly options: readonly string[];
  /** A boot waits for it. */
  readonly required: boolean;
}

export type NfsVersion = 3 | 4 | 4.1 | 4.2;

/** A folder that the board serves. */
export interface NfsExportSpec {
  readonly path: string;
  /** As exports(5) writes them. */
  readonly clients: readonly string[];
  readonly options: readonly string[];
}

export interface OverlaySpec {
  readonly from: LocalFile;
  /** Absolute folder in the rootfs. */
  readonly to: string;
  readonly uid: number;
  readonly gid: number;
  /** Octal file mode for regular files, when not the file's own; folders get it plus x where r. */
  readonly mode?: number;
}

/** What the first boot asks, or is given. */
export type FirstBootSpec =
  | { readonly kind: "password" | "none" | "yast" | "jeos" | "systemd" }
  | {
      readonly kind: "ignition" | "combustion";
      /** Ignition's configuration or Combustion's script. */
      readonly from: LocalFile;
    };

export interface ProvisionSpec {
  readonly hostname: string;
  readonly users: readonly UserSpec[];
  readonly locale?: string;
  readonly timezone?: string;
  readonly keymap?: string;
  readonly network: readonly NetworkSpec[];
  readonly nfs: { readonly mounts: readonly NfsMountSpec[]; readonly exports: readonly NfsExportSpec[] };
  readonly units: {
    readonly enable: readonly string[];
    readonly disable: readonly string[];
    readonly mask: readonly string[];
  };
  readonly overlays: readonly OverlaySpec[];
  readonly firstboot: FirstBootSpec;
  /** Grow the root partition and filesystem to the card on first boot. */
  readonly grow: boolean;
}

/** Kernel from a TFTP server, root filesystem from an NFS server. */
export interface NetbootSpec {
  /** IPv4; absent: DHCP names it. */
  readonly server?: string;
  /** Folder that the server exports. */
  readonly root: string;
  readonly version: NfsVersion;
  readonly options: readonly string[];
  readonly interface: string;
  /** As exports(5) writes them. */
  readonly clients: readonly string[];
}

/** Bytes, or as large as the content plus slack, or all that is left (at most one of several). */
export type SizeSpec =
  | { readonly bytes: number }
  | { readonly content: { readonly slack: number } }
  | { readonly rest: true };

/** A partition with a filesystem, or one that is a volume group's physical volume. */
export type PartitionSpec = FilesystemSpec | GroupSpec;

export interface FilesystemSpec {
  readonly name: string;
  /** boot: FAT with kernel, DTBs and boot configuration; root: the rootfs; provision: what a first boot is given; empty: a bare filesystem. */
  readonly content: "boot" | "root" | "provision" | "empty";
  readonly filesystem: "fat32" | "fat16" | "ext4";
  readonly size: SizeSpec;
  readonly label: string;
  /** Where an empty filesystem is mounted, absolute. */
  readonly mount?: string;
}

export interface GroupSpec {
  readonly name: string;
  readonly content: "lvm";
  readonly size: SizeSpec;
  /** The volume group's name. */
  readonly group: string;
  /** Bytes. */
  readonly extentSize: number;
  readonly volumes: readonly VolumeSpec[];
}

/** A logical volume: sizes also in hundredths of the group. */
export interface VolumeSpec {
  readonly name: string;
  readonly content: "root" | "empty" | "swap" | "payload";
  readonly size: SizeSpec | { readonly percent: number };
  readonly label: string;
  /** Where an empty filesystem is mounted, absolute. */
  readonly mount?: string;
  /** What a payload's volume holds, byte for byte. */
  readonly from?: LocalFile;
}

export interface ImageSpec {
  readonly table: "mbr" | "gpt";
  /** Bytes of the whole image. */
  readonly size: number;
  readonly align: number;
  /** Byte offset of GPT's partition entries where they cannot stand right behind the header (the SPL does). */
  readonly gptEntries?: number;
  readonly partitions: readonly PartitionSpec[];
  readonly compress: readonly ("xz" | "zst")[];
}

/** How the finished root filesystem is judged. */
export interface LintSpec {
  /** Findings that are meant to be so: by name, and by what they are about when only one is meant. */
  readonly accept: readonly { readonly finding: LintCode; readonly about?: string; readonly reason: string }[];
}

export interface ProofSpec {
  /** False: no emulator boots this board; static checks only. */
  readonly enabled: boolean;
  /** Boot the fast model's image on its twin. */
  readonly twin?: true;
  /** Commands run as root on the booted system; each must exit 0, and print `expect` (a regular expression) when given. */
  readonly checks: readonly { readonly name: string; readonly run: string; readonly expect?: string }[];
  /** Seconds allowed per stage on an unloaded machine; the proof stretches them with the host's load. */
  readonly timeouts: { readonly [stage in ProofStage]: number };
}

export type ProofStage = "spl" | "u-boot" | "kernel" | "init" | "login" | "checks";
