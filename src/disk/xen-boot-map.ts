import type { Board } from "../board/board.js";
import { type Area, area, type BootMap, type BootPayload, reservedAreas } from "./boot-map.js";
import { FDT_ROOM } from "./xen-boot.js";

/** Modules start at multiples of this: Xen maps memory in pieces of 2 MiB. */
const MODULE_ALIGN = 2 * 1024 ** 2;

/** What a module is before it has an address. */
export interface Unplaced extends BootPayload {
  /** For messages: `dom0's kernel`. */
  readonly name: string;
}

/** Gives each module the first free place from where the board has a ramdisk loaded, in the order given. */
export function placeModules<M extends Unplaced>(
  { load }: Pick<Board, "load">,
  modules: readonly M[],
): readonly (M & { readonly address: number })[] {
  let next = load.ramdisk;
  return modules.map((module) => {
    const address = Math.ceil(next / MODULE_ALIGN) * MODULE_ALIGN;
    next = address + module.size;
    return { ...module, address };
  });
}

/**
 * Who has which DRAM until Xen takes over: what U-Boot loads and U-Boot itself, and then Xen with the memory it zeroes,
 * which must find all its modules as they were loaded. Nothing is moved, for the script forbids U-Boot to move the device
 * tree, and what Xen does from then on with memory it knows of is its own affair.
 */
export function xenBootMap(
  board: Pick<Board, "dram" | "load" | "reserved">,
  payloads: {
    /** `memory`: what it takes from its load address on. */
    readonly xen: BootPayload & { readonly memory: number };
    readonly fdt: BootPayload;
    readonly script: BootPayload;
    readonly modules: readonly (Unplaced & { readonly address: number })[];
  },
): BootMap {
  const { dram, load } = board;
  const { xen, fdt, script, modules } = payloads;
  const smaller = "make it smaller";
  const elsewhere = (what: string): string => `give ${what} another load address in the board's file`;
  const both = (when: Area["when"]): readonly Area[] => [
    area(when, "fdt", `the device tree (${fdt.file})`, load.fdt, fdt.size + FDT_ROOM, elsewhere("the device tree")),
    ...modules.map(({ name, file, address, size }) => area(when, file, `${name} (${file})`, address, size, smaller)),
  ];
  return {
    dram: { base: dram.base, size: dram.size },
    areas: [
      area("loading", "xen", `Xen (${xen.file})`, load.kernel, xen.size, elsewhere("the kernel")),
      area(
        "loading",
        "script",
        `the boot script (${script.file})`,
        load.script,
        script.size,
        elsewhere("the boot script"),
      ),
      ...both("loading"),
      ...reservedAreas(board),
      area(
        "starting",
        "xen",
        `Xen (${xen.file}) with the memory it zeroes`,
        load.kernel,
        xen.memory,
        elsewhere("the kernel"),
      ),
      ...both("starting"),
    ],
  };
}
