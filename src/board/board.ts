/** Hardware facts of one board with its SoC's folded in. Addresses and sizes in bytes. No choices. */
export interface Board {
  readonly name: string;
  readonly title: string;
  readonly soc: {
    readonly name: string;
    readonly family: string;
    readonly core: string;
    readonly cores: number;
    /** Has the virtualization extensions (HYP mode). */
    readonly virtualization: boolean;
    readonly lpae: boolean;
  };
  /** What the kernel gets: the chips' size, or less where the SPL is told less. */
  readonly dram: { readonly base: number; readonly size: number };
  readonly uboot: { readonly defconfig: string };
  readonly spl: {
    /** Byte offset on the card where the boot ROM looks. */
    readonly offset: number;
    /** The most the boot ROM loads, bytes. */
    readonly maxSize: number;
    /** The size of DRAM that the SPL is told, bytes. Absent: it finds the size itself. */
    readonly dram?: number;
    /** Bytes from the start of the card that belong to SPL and U-Boot; the first partition starts at or behind. */
    readonly reserved: number;
  };
  readonly kernel: {
    /** make's ARCH and image target. */
    readonly arch: string;
    readonly image: string;
    /** e.g. `allwinner/sun4i-a10-cubieboard.dtb`, below arch/arm/boot/dts. */
    readonly dtb: string;
  };
  /** Kernel modules that a card's partitions need before they can be read: host, block driver, what feeds them. */
  readonly cardModules: readonly string[];
  readonly console: { readonly device: string; readonly baud: number };
  /** The kernel's name of the Ethernet port that U-Boot drives too, when there is one. */
  readonly ethernet?: string;
  /** Where U-Boot loads things; from include/configs/sunxi-common.h unless the board says otherwise. */
  readonly load: {
    readonly kernel: number;
    readonly fdt: number;
    readonly script: number;
    readonly ramdisk: number;
  };
  /** DRAM that belongs to somebody while U-Boot runs, e.g. U-Boot itself at the top. */
  readonly reserved: readonly { readonly name: string; readonly start: number; readonly size: number }[];
  /** Names distributions use for the CPU. */
  readonly arch: { readonly debian: string; readonly rpm: string };
  /** The emulator that boots this board's card, when there is one. */
  readonly qemu?: {
    readonly machine: string;
    readonly memory: number;
    /** Until which stage it carries: `login`, or `kernel` for a relative that stops at the kernel's start. */
    readonly until: "kernel" | "login";
  };
  /** Where each fact was read. */
  readonly origin: readonly string[];
}
