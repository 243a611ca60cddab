import type { Board } from "../board/board.js";
import { hex } from "../util/size.js";

/** The kernel's command line: console, the way to the root filesystem (see rootArguments), then the recipe's own arguments. */
export function kernelArguments(console: Board["console"], root: readonly string[], more: readonly string[]): string {
  return [`console=${console.device},${console.baud}`, ...root, "rw", ...more].join(" ");
}

/** extlinux/extlinux.conf: U-Boot's distro boot reads it and loads to its own kernel_addr_r and fdt_addr_r. */
export function extlinuxConf(boot: {
  readonly title: string;
  readonly kernel: string;
  readonly fdt: string;
  readonly arguments: string;
}): string {
  return `DEFAULT boardsmith
PROMPT 0
TIMEOUT 0

LABEL boardsmith
  MENU LABEL ${boot.title}
  KERNEL /${boot.kernel}
  FDT /${boot.fdt}
  APPEND ${boot.arguments}
`;
}

/** boot.cmd, the source of boot.scr; U-Boot's distro boot has set devtype, devnum, distro_bootpart and prefix. */
export function bootScript(boot: {
  readonly kernel: string;
  readonly fdt: string;
  readonly arguments: string;
  readonly load: Pick<Board["load"], "kernel" | "fdt">;
}): string {
  const from = `\${devtype} \${devnum}:\${distro_bootpart}`;
  return `setenv bootargs '${boot.arguments}'
load ${from} ${hex(boot.load.kernel)} \${prefix}${boot.kernel}
load ${from} ${hex(boot.load.fdt)} \${prefix}${boot.fdt}
bootz ${hex(boot.load.kernel)} - ${hex(boot.load.fdt)}
`;
}
