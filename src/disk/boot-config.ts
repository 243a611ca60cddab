import type { Board } from "../board/board.js";
import { hex } from "../util/size.js";

/** The kernel's command line: console, the way to the root filesystem (see rootArguments), then the recipe's own arguments. */
export function kernelArguments(console: Board["console"], root: readonly string[], more: readonly string[]): string {
  return [`console=${console.device},${console.baud}`, ...root, "rw", ...more].join(" ");
}

/** Where U-Boot finds extlinux.conf on a server, when there is none for the board's address alone; see U-Boot, doc/README.pxe. */
export const PXE_FILE = "pxelinux.cfg/default";

/** The script that U-Boot's distro boot asks a server for (boot_script_dhcp). */
export const SERVED_SCRIPT = "boot.scr.uimg";

/**
 * extlinux/extlinux.conf: U-Boot's distro boot reads it and loads to its own kernel_addr_r, fdt_addr_r and
 * ramdisk_addr_r. On a server, names count from the folder of DHCP's boot file, so they have no leading slash.
 */
export function extlinuxConf(boot: {
  readonly title: string;
  readonly kernel: string;
  readonly fdt: string;
  readonly initramfs?: string;
  readonly arguments: string;
  readonly served?: true;
}): string {
  const at = boot.served ? "" : "/";
  return `DEFAULT boardsmith
PROMPT 0
TIMEOUT 0

LABEL boardsmith
  MENU LABEL ${boot.title}
  KERNEL ${at}${boot.kernel}
  FDT ${at}${boot.fdt}
${boot.initramfs === undefined ? "" : `  INITRD ${at}${boot.initramfs}\n`}  APPEND ${boot.arguments}
`;
}

/** Beside boot.scr where the booted system has to be able to change the kernel's arguments: a script has a checksum. */
export const ARGUMENTS_FILE = "arguments.env";

/** ARGUMENTS_FILE's text, as U-Boot's `env import -t` reads it. */
export function argumentsFile(kernelLine: string): string {
  return `bootargs=${kernelLine}\n`;
}

/**
 * boot.cmd, the source of boot.scr; U-Boot's distro boot has set devtype, devnum, distro_bootpart and prefix, or on the way
 * to a server ipaddr and serverip.
 */
export function bootScript(boot: {
  readonly kernel: string;
  readonly fdt: string;
  readonly initramfs?: string;
  /** Undefined: they are in ARGUMENTS_FILE. */
  readonly arguments?: string;
  readonly load: Pick<Board["load"], "kernel" | "fdt" | "ramdisk">;
  readonly served?: true;
}): string {
  const from = `\${devtype} \${devnum}:\${distro_bootpart}`;
  const load = (address: number, file: string): string =>
    boot.served ? `tftpboot ${hex(address)} ${file}\n` : `load ${from} ${hex(address)} \${prefix}${file}\n`;
  const { kernel, fdt, ramdisk } = boot.load;
  // The ramdisk comes last: what it is bounded by is the size of what was loaded last.
  const [loaded, start] =
    boot.initramfs === undefined ? ["", "-"] : [load(ramdisk, boot.initramfs), `${hex(ramdisk)}:\${filesize}`];
  // The file is read to where the kernel is to be, and is of no use any more when that is loaded.
  const told =
    boot.arguments === undefined
      ? `${load(kernel, ARGUMENTS_FILE)}env import -t ${hex(kernel)} \${filesize} bootargs\n`
      : `setenv bootargs '${boot.arguments}'\n`;
  return `${told}${load(kernel, boot.kernel)}${load(fdt, boot.fdt)}${loaded}bootz ${hex(kernel)} ${start} ${hex(fdt)}
`;
}
