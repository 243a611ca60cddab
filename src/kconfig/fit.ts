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
  /** The same for the kernel of Xen's dom0; absent where there is no Xen. */
  readonly xen?: readonly { readonly symbol: string; readonly value: string }[];
  /** Symbols that NFS needs, without CONFIG_. */
  readonly nfs: readonly string[];
  /** A root filesystem on a server: they must be built in. */
  readonly nfsRoot: boolean;
}

/** Without these a kernel does not start as dom0, or has no console there; the rest of the fragment is for guests. */
const DOM0_NEEDS = new Set(["XEN", "XEN_DOM0", "HVC_XEN", "ARM_PSCI"]);

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
  const lvm2 = lacking(wanted.lvm2, on, LVM2_NEEDS);
  if (lvm2.grave.length > 0) {
    found.push({
      severity: "error",
      code: "kernel-without-lvm2",
      message: `${kernel} has no ${listed(lvm2.grave)}, without which lvm2 does not work`,
      help: "take another kernel, or say `lvm: false`",
    });
  }
  const dom0 = lacking(wanted.xen ?? [], on, DOM0_NEEDS);
  if (dom0.grave.length > 0) {
    found.push({
      severity: "error",
      code: "kernel-without-xen",
      message: `${kernel} has no ${listed(dom0.grave)}, without which it does not run as Xen's dom0`,
      help: "take another kernel (Debian: linux-image-armmp-lpae), or compile one",
    });
  }
  for (const [{ others }, what] of [
    [lvm2, "lvm2"],
    [dom0, "dom0"],
  ] as const) {
    if (others.length === 0) continue;
    found.push({
      severity: "warning",
      code: "kernel-lacks-options",
      message: `${kernel} has no ${listed(others)}, which a kernel compiled for ${what} would have`,
    });
  }
  return found;
}

/** What of a fragment a configuration leaves out: what nothing goes without, and the rest. */
function lacking(
  asked: readonly { readonly symbol: string; readonly value: string }[],
  on: (symbol: string) => boolean,
  needs: ReadonlySet<string>,
): { readonly grave: readonly string[]; readonly others: readonly string[] } {
  const missing = asked.filter(({ symbol, value }) => value !== "n" && !on(symbol)).map(({ symbol }) => symbol);
  return {
    grave: missing.filter((symbol) => needs.has(symbol)),
    others: missing.filter((symbol) => !needs.has(symbol)),
  };
}

function listed(symbols: readonly string[]): string {
  return symbols.map((symbol) => `CONFIG_${symbol}`).join(", ");
}
