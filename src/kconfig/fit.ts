import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { parseDotConfig } from "./dot-config.js";

/** What is asked of a kernel that is already built. */
export interface Wanted {
  /** Of whom the messages speak, e.g. `the kernel of package linux-image-armmp`. */
  readonly kernel: string;
  readonly board: {
    readonly name: string;
    readonly core: string;
    readonly lpae: boolean;
    /** The kernel's name of the SoC's family, e.g. `sun4i`. */
    readonly family: string;
  };
  /** lvm2's symbols without CONFIG_, with the values that a kernel of our own would have; empty: lvm2 is not asked for. */
  readonly lvm2: readonly { readonly symbol: string; readonly value: string }[];
  /** Symbols that NFS needs, without CONFIG_. */
  readonly nfs: readonly string[];
  /** A root filesystem on a server: they must be built in. */
  readonly nfsRoot: boolean;
}

/** Without any of these no volume group can be activated; the other symbols of the lvm2 fragment are for more than that. */
const LVM2_NEEDS = new Set(["BLOCK", "MD", "BLK_DEV_DM", "SYSVIPC", "PROC_FS", "SYSFS", "DEVTMPFS"]);

/** Holds the .config of a kernel that somebody else built against the board and against lvm2; a module counts as well as built in. */
export function kernelFit(config: string, wanted: Wanted): readonly Diagnostic[] {
  const { kernel, board } = wanted;
  const symbols = parseDotConfig(config);
  const on = (symbol: string): boolean => ["y", "m"].includes(symbols.get(symbol) ?? "n");
  const found: Diagnostic[] = [];
  if (on("ARM_LPAE") && !board.lpae) {
    found.push({
      severity: "error",
      code: "no-lpae",
      message: `${kernel} has CONFIG_ARM_LPAE and does not start on ${board.name}: ${board.core} has no long page tables`,
      help: "take the one without LPAE (Debian: linux-image-armmp, openSUSE: kernel-default)",
    });
  }
  const machine = `MACH_${board.family.toUpperCase()}`;
  if (/^sun\d/.test(board.family) && !on(machine)) {
    found.push({
      severity: "error",
      code: "kernel-for-another-soc",
      message: `${kernel} was built without CONFIG_${machine}, so it does not know ${board.name}'s SoC`,
      help: "take a kernel for several SoCs, or one that names this board",
    });
  }
  const without = wanted.nfs.filter((symbol) => (wanted.nfsRoot ? symbols.get(symbol) !== "y" : !on(symbol)));
  if (without.length > 0) {
    found.push({
      severity: "error",
      code: "kernel-without-nfs",
      message: wanted.nfsRoot
        ? `${kernel} does not have ${listed(without)} built in, and so cannot mount its root filesystem from a server`
        : `${kernel} has no ${listed(without)}, which the recipe's NFS needs`,
      help: "take another kernel, or compile one",
    });
  }
  const missing = wanted.lvm2.filter(({ symbol, value }) => value !== "n" && !on(symbol)).map(({ symbol }) => symbol);
  const grave = missing.filter((symbol) => LVM2_NEEDS.has(symbol));
  const others = missing.filter((symbol) => !LVM2_NEEDS.has(symbol));
  if (grave.length > 0) {
    found.push({
      severity: "error",
      code: "kernel-without-lvm2",
      message: `${kernel} has no ${listed(grave)}, without which lvm2 does not work`,
      help: "take another kernel, or say `lvm: false`",
    });
  }
  if (others.length > 0) {
    found.push({
      severity: "warning",
      code: "kernel-lacks-options",
      message: `${kernel} has no ${listed(others)}, which a kernel compiled for lvm2 would have`,
    });
  }
  return found;
}

function listed(symbols: readonly string[]): string {
  return symbols.map((symbol) => `CONFIG_${symbol}`).join(", ");
}
