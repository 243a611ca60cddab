/**
 * Who has which DRAM while a board boots. U-Boot copies over whatever is in its way without a word, and a kernel
 * decompresses over its own device tree; so both moments are laid out and checked before anything boots.
 *
 *   loading    kernel, device tree, script and ramdisk where the board has them loaded; U-Boot at the top
 *   starting   U-Boot has moved device tree and ramdisk below the end of its boot window (bootm_size); the zImage
 *              decompresses itself to the start of DRAM, page tables in front, and moves out of the way if it must
 *
 * Sources: U-Boot, include/configs/sunxi-common.h, common/board_f.c, boot/image-board.c, boot/image-fdt.c;
 * Linux, arch/arm/boot/compressed/head.S.
 */
import type { Board } from "../board/board.js";
import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { formatSize, hex } from "../util/size.js";
import type { ZImage } from "./zimage.js";

const MiB = 1024 ** 2;
/** Heap (CONFIG_SYS_MALLOC_LEN 0x4020000) and 32 MiB for code, stack and frame buffer, as sunxi-common.h counts for boards with 256 MiB and more. */
const UBOOT_TOP = 96 * MiB;
/** BOOTM_SIZE of sunxi-common.h: device tree and ramdisk end up in the first 160 MiB. */
const BOOT_WINDOW = 160 * MiB;
const PAGE_TABLES = 0x4000;
/** The decompressor's own heap and stack behind the zImage. */
const DECOMPRESSOR = 0x10000 + 0x1000;
/** What U-Boot adds to a device tree for its own entries (CONFIG_SYS_FDT_PAD). */
const FDT_PAD = 0x3000;

export interface BootPayload {
  /** `zImage`, `sun4i-a10-cubieboard.dtb`. */
  readonly file: string;
  readonly size: number;
}

export interface BootPayloads {
  readonly kernel: BootPayload & { readonly zImage?: ZImage };
  readonly fdt: BootPayload;
  /** boot.scr or extlinux.conf. */
  readonly script: BootPayload;
  readonly ramdisk?: BootPayload;
}

export interface Area {
  readonly name: string;
  readonly start: number;
  readonly size: number;
  readonly when: "loading" | "starting";
  /** Areas of one owner may share memory: the kernel makes way for itself. */
  readonly owner: string;
  /** What a user can do about it. */
  readonly remedy: string;
}

export interface BootMap {
  readonly dram: { readonly base: number; readonly size: number };
  readonly areas: readonly Area[];
}

/** Lays out both moments from real sizes. */
export function bootMap(board: Pick<Board, "dram" | "load" | "reserved">, payloads: BootPayloads): BootMap {
  const { dram, load } = board;
  const { kernel, fdt, script, ramdisk } = payloads;
  const move = (what: string): string => `give ${what} another load address in the board's file`;
  const smaller = "make the kernel smaller (drivers as modules, CONFIG_KERNEL_XZ)";
  const areas: Area[] = [
    area("loading", "kernel", `the kernel (${kernel.file})`, load.kernel, kernel.size, smaller),
    area("loading", "fdt", `the device tree (${fdt.file})`, load.fdt, fdt.size, move("the device tree")),
    area("loading", "script", `the boot script (${script.file})`, load.script, script.size, move("the boot script")),
    ...reservedAreas(board),
  ];
  const window = dram.base + Math.min(BOOT_WINDOW, dram.size);
  let top = window;
  if (ramdisk) {
    areas.push(
      area(
        "loading",
        "ramdisk",
        `the ramdisk (${ramdisk.file})`,
        load.ramdisk,
        ramdisk.size,
        "make the ramdisk smaller",
      ),
    );
    top = down(top - ramdisk.size, 0x1000);
    areas.push(
      area("starting", "ramdisk", "the ramdisk, moved by U-Boot", top, ramdisk.size, "make the ramdisk smaller"),
    );
  }
  const fdtSize = fdt.size + FDT_PAD;
  areas.push(
    area(
      "starting",
      "fdt",
      "the device tree, moved by U-Boot",
      down(top - fdtSize, 0x1000),
      fdtSize,
      "make the ramdisk smaller",
    ),
    area(
      "starting",
      "kernel",
      `the kernel (${kernel.file}) while it decompresses`,
      load.kernel,
      kernel.size + DECOMPRESSOR,
      smaller,
    ),
    ...decompressed(dram.base, load.kernel, kernel, smaller),
  );
  return { dram: { base: dram.base, size: dram.size }, areas };
}

/** Everything that would go wrong: areas outside DRAM and pairs that share memory at one moment. */
export function checkBootMap(map: BootMap): Diagnostic[] {
  const found: Diagnostic[] = [];
  const end = map.dram.base + map.dram.size;
  for (const one of map.areas) {
    if (one.start >= map.dram.base && endOf(one) <= end) continue;
    found.push({
      severity: "error",
      code: "boot-out-of-ram",
      message: `${shown(one)} is outside the board's DRAM (${hex(map.dram.base)} to ${hex(end)}, ${formatSize(map.dram.size)})`,
      help: one.remedy,
    });
  }
  const sorted = [...map.areas].sort((a, b) => a.start - b.start || a.size - b.size);
  for (const [index, a] of sorted.entries()) {
    for (const b of sorted.slice(index + 1)) {
      if (a.when !== b.when || a.owner === b.owner || endOf(a) <= b.start || b.size === 0 || a.size === 0) continue;
      const over = endOf(a) - b.start;
      found.push({
        severity: "error",
        code: "boot-overlap",
        message: `${shown(a)} runs into ${shown(b)} while ${a.when}, by ${formatSize(over)}`,
        help: `${a.remedy} by at least ${formatSize(over)}, or move the other to ${hex(Math.ceil(endOf(a) / 0x1000) * 0x1000)} or further`,
      });
    }
  }
  return found;
}

/** The kernel where it runs, and its decompressor where it went when it was in the way. */
function decompressed(base: number, load: number, kernel: BootPayloads["kernel"], remedy: string): Area[] {
  const { zImage } = kernel;
  if (zImage?.inflated === undefined) return [];
  const start = base + zImage.textOffset;
  const image = area(
    "starting",
    "kernel",
    "the decompressed kernel with its page tables",
    start - PAGE_TABLES,
    PAGE_TABLES + zImage.inflated + zImage.bss,
    remedy,
  );
  if (start + zImage.inflated <= load) return [image];
  const moved = start + zImage.inflated;
  return [
    image,
    area("starting", "kernel", "the decompressor, moved out of its own way", moved, kernel.size + DECOMPRESSOR, remedy),
  ];
}

/** The board's own list; where that leaves the top free, what U-Boot takes there once relocated. */
export function reservedAreas({ dram, reserved }: Pick<Board, "dram" | "reserved">): Area[] {
  const end = dram.base + dram.size;
  const listed = reserved.map(({ name, start, size }) =>
    area("loading", name, name, start, size, "give the other another load address"),
  );
  if (listed.some((one) => endOf(one) >= end)) return listed;
  const size = Math.min(UBOOT_TOP, dram.size / 2);
  return [
    ...listed,
    area(
      "loading",
      "u-boot",
      "U-Boot with its heap and stack",
      end - size,
      size,
      "give the other a lower load address",
    ),
  ];
}

/** An area with all it says. */
export function area(
  when: Area["when"],
  owner: string,
  name: string,
  start: number,
  size: number,
  remedy: string,
): Area {
  return { name, start, size, when, owner, remedy };
}

const endOf = (one: Area): number => one.start + one.size;
const down = (value: number, unit: number): number => Math.floor(value / unit) * unit;
const shown = (one: Area): string => `${one.name}, ${formatSize(one.size)} at ${hex(one.start)} to ${hex(endOf(one))},`;
