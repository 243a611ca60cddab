import type { Diagnostic, Location } from "../diagnostic/diagnostic.js";
import { formatSize } from "../util/size.js";
import type { Board } from "./board.js";
import { XEN_RULES } from "./xen-rules.js";

/** What a recipe chose that a board may not go with, each with the place it was chosen at, as far as it is known. */
export interface Choices {
  readonly table?: { readonly value: string; readonly at: Location };
  readonly prefix?: { readonly value: string; readonly at: Location };
  /** Kconfig lines of kernel fragments that are set to y or m. */
  readonly symbols: readonly { readonly name: string; readonly at: Location }[];
  /** Kconfig lines of kernel fragments that are set to n. */
  readonly left?: readonly { readonly name: string; readonly at: Location }[];
  readonly defconfig?: { readonly value: string; readonly at: Location };
  /** Version of the toolchain's GCC, as its file's name says it. */
  readonly compiler?: { readonly value: string; readonly at: Location };
  /** Under Xen: every word that names the kernel (branch, tag, file, package). */
  readonly kernelNames?: readonly { readonly value: string; readonly at: Location }[];
  readonly xen?: {
    readonly at: Location;
    readonly compiled: boolean;
    /** Such as `4.17`. */
    readonly release?: { readonly value: string; readonly at: Location };
    /** Of dom0. */
    readonly memory?: { readonly bytes: number; readonly at: Location };
    readonly vcpus?: { readonly value: number; readonly at: Location };
  };
}

/** One reason why a board and a choice do not go together. */
export interface Rule {
  readonly code: string;
  broken(
    board: Board,
    choices: Choices,
  ): { readonly message: string; readonly at: Location; readonly help: string } | undefined;
}

/** A GPT's header and 128 entries fill sectors 1 to 33 (UEFI 2.10, 5.3). */
const GPT_END = 34 * 512;

const RULES: readonly Rule[] = [
  {
    code: "spl-inside-gpt",
    broken: ({ name, spl }, { table }) =>
      table?.value === "gpt" && spl.offset < GPT_END
        ? {
            message: `${name}'s boot ROM takes the SPL from ${formatSize(spl.offset)}, inside the GPT's entries, which reach to ${formatSize(GPT_END)}`,
            at: table.at,
            help: "use `table: mbr`",
          }
        : undefined,
  },
  {
    code: "toolchain-for-another-cpu",
    broken: ({ name, kernel }, { prefix }) =>
      prefix && kernel.arch === "arm" && !/^arm[^-]*-/.test(prefix.value)
        ? {
            message: `compilers named ${prefix.value} make no code for ${name}, which is 32-bit ARM`,
            at: prefix.at,
            help: "use one whose prefix starts with arm-",
          }
        : undefined,
  },
  {
    code: "no-lpae",
    broken: ({ name, soc }, { symbols, defconfig }) => {
      if (soc.lpae) return undefined;
      const symbol = symbols.find((one) => one.name === "CONFIG_ARM_LPAE");
      const at = symbol?.at ?? (defconfig && /lpae/.test(defconfig.value) ? defconfig.at : undefined);
      return (
        at && {
          message: `a kernel with CONFIG_ARM_LPAE does not start on ${name}: ${soc.core} has no long page tables`,
          at,
          help: "leave CONFIG_ARM_LPAE out",
        }
      );
    },
  },
  {
    code: "kernel-without-soc",
    broken: ({ name, soc }, { left }) => {
      const symbol = left?.find((one) => one.name === `CONFIG_MACH_${soc.family.toUpperCase()}`);
      return (
        symbol && {
          message: `this fragment leaves ${symbol.name} out, and the kernel would not know ${name}'s ${soc.name} (${soc.family})`,
          at: symbol.at,
          help: "leave the fragment out, or take one that was made for this board",
        }
      );
    },
  },
  ...XEN_RULES,
];

/** Every rule that the board and the choices break. */
export function checkRules(board: Board, choices: Choices): readonly Diagnostic[] {
  return RULES.flatMap((rule) => {
    const broken = rule.broken(board, choices);
    return broken ? [{ severity: "error" as const, code: rule.code, ...broken }] : [];
  });
}
