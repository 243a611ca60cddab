import type { Board } from "../board/board.js";

const MIB = 1024 ** 2;

/** What QEMU needs to stand in for a board; from the board's facts. */
export type Emulation = NonNullable<Board["qemu"]>;

/** The card as QEMU gets it: a file inside the container and its format. */
export interface Card {
  readonly file: string;
  readonly format: "raw" | "qcow2";
  /** What the board writes stays; otherwise it is forgotten when the emulator ends. */
  readonly keeps?: true;
}

/** Memory sizes that QEMU's A10 machine takes, bytes (hw/arm/cubieboard.c: "This machine can only be used with 512MiB or 1GiB RAM"). */
const MEMORY: { readonly [machine: string]: readonly number[] } = { cubieboard: [512 * MIB, 1024 * MIB] };

/**
 * What counts time in machines whose counter runs at 24 MHz on the board, as U-Boot tells the kernel (COUNTER_FREQUENCY in
 * its arch/arm/mach-sunxi/Kconfig). QEMU's runs at 62.5 MHz unless it is told otherwise (target/arm/cpu.c, cntfrq), and then
 * the board's clock is 2.6 times too fast: what is given 90 s to start has 35.
 */
const COUNTER: { readonly [machine: string]: string } = {
  bpim2u: "cortex-a7-arm-cpu.cntfrq=24000000",
  "orangepi-pc": "cortex-a7-arm-cpu.cntfrq=24000000",
};

/**
 * QEMU's command line for a board and its card: boots as the boot ROM would, from the card alone.
 * `-snapshot`: nothing is written to the card's file. `network` is what stands behind `-nic`. Under `xen` one core of these
 * machines runs, and it flushes the others' tables all the time: on one thread that costs nothing. Throws when the machine
 * cannot have that memory.
 */
export function machineArgv(
  emulation: Emulation,
  card: Card,
  { network = "user", xen = false }: { readonly network?: string; readonly xen?: boolean } = {},
): readonly string[] {
  const allowed = MEMORY[emulation.machine];
  if (allowed && !allowed.includes(emulation.memory)) {
    const sizes = allowed.map((size) => `${size / MIB} MiB`).join(" or ");
    throw new Error(`QEMU's ${emulation.machine} has ${sizes} of memory, the board says ${emulation.memory / MIB} MiB`);
  }
  const counter = COUNTER[emulation.machine];
  return [
    "qemu-system-arm",
    "-M",
    emulation.machine,
    ...(counter === undefined ? [] : ["-global", counter]),
    ...(xen ? ["-accel", "tcg,thread=single"] : []),
    "-m",
    `${emulation.memory / MIB}M`,
    "-nographic",
    "-no-reboot",
    "-drive",
    `file=${card.file},format=${card.format},if=sd`,
    ...(card.keeps ? [] : ["-snapshot"]),
    "-nic",
    network,
  ];
}

/** The size QEMU accepts for a card that holds `bytes`: the next power of two (hw/sd/sd.c refuses others). */
export function cardSize(bytes: number): number {
  let size = MIB;
  while (size < bytes) size *= 2;
  return size;
}
