/**
 * Does a recipe go with the DRAM that a board has, or rather with what its boot loader makes of it? Two ways are known:
 *
 *   found   today's SPL of the A10 and A20 tries sizes until one holds (U-Boot, arch/arm/mach-sunxi/dram_sun4i.c, dramc_init), so that one
 *           card starts boards of any size, each with all it has
 *   told    older ones carry a size (linux-sunxi's board/sunxi/dram_*.c): more than there is starts no board, less leaves the rest idle
 *
 * Behind either stands the kernel's `mem=`, which it believes whatever the boot loader says (Linux, arch/arm/kernel/setup.c, early_mem).
 */
import type { Diagnostic, Location } from "../diagnostic/diagnostic.js";
import { formatSize, hex, parseSize } from "../util/size.js";
import type { Board } from "./board.js";

/** Something of a recipe that speaks of memory. */
interface Said {
  readonly value: string;
  readonly at: Location;
}

/** What a recipe chose that depends on DRAM. */
export interface MemoryChoices {
  /** `memory:`, the DRAM that the recipe is made for. */
  readonly memory?: Said | undefined;
  /** Kernel arguments, each by itself. */
  readonly arguments: readonly Said[];
  /** What U-Boot's fragments ask for, by symbol. */
  readonly ubootSymbols: readonly (Said & { readonly name: string })[];
  /** Where the recipe names its board. */
  readonly boardAt: Location;
}

/** Every choice that the board's DRAM cannot bear (errors), or that leaves some of it unused (warnings). */
export function checkDramFit(board: Board, choices: MemoryChoices): readonly Diagnostic[] {
  const related = [
    { message: `${board.name}, with ${formatSize(board.dram.size)}, is named here`, at: choices.boardAt },
  ];
  return [
    ...madeFor(board, choices.memory),
    ...told(board, choices.ubootSymbols),
    ...mem(board, choices.arguments),
  ].map((found) => ({ ...found, related }));
}

/** What the boot loader makes of the DRAM, as the reason in a message. */
function reason({ spl, uboot, dram }: Board): string {
  return spl.dram === undefined
    ? `the SPL of ${uboot.defconfig} finds the size itself, so the kernel gets ${formatSize(dram.size)}`
    : `the SPL of ${uboot.defconfig} is told ${formatSize(spl.dram)}, so the kernel gets no more`;
}

function madeFor(board: Board, memory: Said | undefined): readonly Diagnostic[] {
  const wanted = memory && parseSize(memory.value);
  if (!memory || wanted === undefined || wanted === board.dram.size) return [];
  const has = `board ${board.name} has ${formatSize(board.dram.size)}`;
  const message = `the recipe is made for ${formatSize(wanted)} of DRAM, and ${has}`;
  if (wanted > board.dram.size) {
    const help = `${reason(board)}; take a board with ${formatSize(wanted)}, or make the recipe fit and say \`memory: ${unspaced(board.dram.size)}\``;
    return [{ severity: "error", code: "dram-exceeded", message, at: memory.at, help }];
  }
  const help = `${reason(board)}; say \`memory: ${unspaced(board.dram.size)}\` when the recipe means that, or leave \`memory\` out`;
  return [{ severity: "warning", code: "dram-unused", message, at: memory.at, help }];
}

/** U-Boot lays out its addresses for at least so many MiB (Kconfig's SUNXI_MINIMUM_DRAM_MB). */
function told({ name, dram }: Board, symbols: MemoryChoices["ubootSymbols"]): readonly Diagnostic[] {
  return symbols
    .filter((one) => one.name === "SUNXI_MINIMUM_DRAM_MB" && Number(one.value) * 1024 ** 2 > dram.size)
    .map(({ value, at }) => ({
      severity: "error",
      code: "dram-exceeded",
      message: `U-Boot is told that there are at least ${value} MiB of DRAM, and board ${name} has ${formatSize(dram.size)}`,
      at,
      help: "leave CONFIG_SUNXI_MINIMUM_DRAM_MB out",
    }));
}

/** `mem=SIZE[@START]`; several are several pieces of memory. */
function mem(board: Board, words: readonly Said[]): readonly Diagnostic[] {
  const { base, size } = board.dram;
  const pieces = words.flatMap(({ value, at }) => {
    const match = /^mem=([^@]+)(?:@(.+))?$/.exec(value);
    const bytes = match && kernelSize(match[1] ?? "");
    const start = match?.[2] === undefined ? base : kernelSize(match[2]);
    return bytes === undefined || bytes === null || start === undefined
      ? []
      : [{ value, at, start, end: start + bytes }];
  });
  const beyond = pieces.filter(({ start, end }) => start < base || end > base + size);
  if (beyond.length > 0) {
    return beyond.map(({ value, at, start, end }) => ({
      severity: "error",
      code: "dram-exceeded",
      message: `"${value}" tells the kernel of DRAM from ${hex(start)} to ${hex(end)}, and board ${board.name} has it from ${hex(base)} to ${hex(base + size)}`,
      at,
      help: `the kernel believes mem= whatever the boot loader found, and dies of what is not there; leave it out: ${reason(board)}`,
    }));
  }
  const last = pieces.at(-1);
  const given = pieces.reduce((sum, { start, end }) => sum + end - start, 0);
  if (last === undefined || given >= size) return [];
  return [
    {
      severity: "warning",
      code: "dram-unused",
      message: `"${last.value}" leaves ${formatSize(size - given)} of ${board.name}'s ${formatSize(size)} of DRAM unused`,
      at: last.at,
      help: `leave it out: ${reason(board)}`,
    },
  ];
}

/** A number as the kernel's memparse() reads it: 0x for hexadecimal, then K, M or G. */
function kernelSize(text: string): number | undefined {
  const match = /^(0x[0-9a-f]+|\d+)([KMG]?)$/i.exec(text);
  if (!match) return undefined;
  return Number(match[1]) * 1024 ** " KMG".indexOf(match[2]?.toUpperCase() || " ");
}

/** A size as a recipe takes it. */
function unspaced(bytes: number): string {
  return formatSize(bytes).replace(" ", "");
}
