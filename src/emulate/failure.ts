import type { ProofStage } from "../recipe/spec.js";
import { type NfsRoot, shownNfsRoot } from "./nfs-root.js";

/** Why a boot is no good: a stable name, what happened, the console's line that says so, and what to do. */
export interface BootFailure {
  readonly name: string;
  readonly stage: ProofStage;
  readonly message: string;
  /** The console's line, when one says so. */
  readonly line?: string;
  readonly remedy: string;
}

/** The stages of a proof in the order in which a boot reaches them. */
export const STAGES: readonly ProofStage[] = ["spl", "u-boot", "kernel", "init", "login", "checks"];

interface Sign {
  readonly name: string;
  readonly pattern: RegExp;
  /** The sign means this only until that stage is reached (a login banner may say anything). */
  readonly until: ProofStage;
  /** Only of a boot from there; without it, of both. */
  readonly from?: "card" | "network";
  readonly message: string;
  readonly remedy: string;
}

/** The failure whose message names the export that the kernel told of. */
const NFS_ROOT = "nfs-root";

const PARTUUID = "the disk's id in the image's layout must equal the one in root=PARTUUID=";

/** Lines after which no boot goes on, in order: the first that matches names the failure. */
const SIGNS: readonly Sign[] = [
  {
    name: "spl-no-card",
    pattern: /MMC: no card present|spl: mmc init failed|spl: could not find mmc device/i,
    until: "u-boot",
    message: "SPL found no card to load U-Boot from",
    remedy: "the board's U-Boot defconfig and device tree must drive the card slot; check `u-boot:` and the board",
  },
  {
    name: "spl-failed",
    pattern: /SPL: failed to boot from all boot devices|SPL: Unsupported Boot Device|mkimage signature not found/,
    until: "u-boot",
    message: "SPL could not load U-Boot from the card",
    remedy: "u-boot-sunxi-with-spl.bin must stand whole at byte 8192, with nothing over it; build the image anew",
  },
  {
    name: "dram-failed",
    pattern: /DRAM: 0 MiB|### ERROR ### Please RESET/,
    until: "kernel",
    message: "U-Boot gave up while setting up the board",
    remedy: "the U-Boot defconfig does not fit the board; check the board's `u-boot: defconfig`",
  },
  {
    name: "bad-zimage",
    pattern: /zimage: Bad magic!|Bad Linux ARM(?:64)? (?:zImage|Image) magic/,
    until: "kernel",
    message: "what U-Boot loaded as kernel is no ARM zImage",
    remedy: "the boot partition's kernel must be a zImage that nothing else is loaded over; check the boot map",
  },
  {
    name: "no-device-tree",
    pattern:
      /Did not find a cmdline Flattened Device Tree|ERROR: FDT image|FDT and ATAGS support not compiled in|device tree .*not found, aborting/i,
    until: "kernel",
    message: "U-Boot has no device tree for the kernel",
    remedy: "the board's DTB must be in the boot partition under the name the boot configuration gives",
  },
  {
    name: "boot-file-missing",
    pattern: /Skipping \S+ for failure retrieving \S+|Failed to load '[^']+'|(?:SCRIPT|EXTLINUX) FAILED: continuing/,
    until: "kernel",
    message: "U-Boot could not load a file that the boot configuration names",
    remedy: "the file must be in the boot partition under that name",
  },
  {
    name: "no-boot-configuration",
    pattern:
      /\*\* No partition table - mmc|Couldn't find partition mmc 0:1|No UEFI binary known|Retrieving file: pxelinux\.cfg/,
    from: "card",
    until: "kernel",
    message: "U-Boot found nothing to boot on the card",
    remedy: "the first partition must be FAT and hold extlinux/extlinux.conf or boot.scr",
  },
  {
    name: "no-ethernet",
    pattern: /^No ethernet found/,
    from: "network",
    until: "kernel",
    message: "U-Boot has no Ethernet port to boot from",
    remedy: "its defconfig must drive the port, and the port needs an address (NET_RANDOM_ETHADDR=y gives it one)",
  },
  {
    name: "no-dhcp",
    pattern: /^BOOTP broadcast (?:[6-9]|1\d)$|^Retry time exceeded/,
    from: "network",
    until: "kernel",
    message: "no DHCP server answered U-Boot",
    remedy: "a DHCP server must be in the board's network and give addresses there",
  },
  {
    name: "tftp-silent",
    pattern: /^Retry count exceeded; starting again/,
    from: "network",
    until: "kernel",
    message: "the TFTP server did not answer U-Boot",
    remedy: "DHCP's next-server must name a machine where a TFTP server runs, and no firewall may be between",
  },
  {
    name: "u-boot-prompt",
    pattern: /^=> ?$/,
    from: "network",
    until: "kernel",
    message: "U-Boot stopped at its own prompt: the TFTP server gave it nothing to boot",
    remedy: "the TFTP tree must hold pxelinux.cfg/default or boot.scr.uimg, in the folder of DHCP's boot file",
  },
  {
    name: "u-boot-crashed",
    pattern: /^(?:data abort|prefetch abort|undefined instruction|software interrupt)$|^resetting \.\.\./,
    until: "kernel",
    message: "U-Boot crashed",
    remedy: "two payloads may lie over each other, or over U-Boot; check the boot map",
  },
  {
    name: "u-boot-prompt",
    pattern: /^=> ?$/,
    until: "kernel",
    message: "U-Boot stopped at its own prompt: no boot method worked",
    remedy:
      "the boot partition must hold extlinux/extlinux.conf or boot.scr; the log above the prompt says what was tried",
  },
  {
    name: "no-address",
    pattern: /IP-Config: (?:No network devices available|Auto-configuration of network failed)/,
    until: "init",
    message: "the kernel got no address to reach its root file system from",
    remedy: "the Ethernet port's driver must be built into the kernel (SUN4I_EMAC=y), and a DHCP server must answer",
  },
  {
    name: NFS_ROOT,
    pattern: /Unable to mount root fs via NFS/,
    until: "login",
    message: "the NFS export of the root file system did not answer",
    remedy:
      "the server must run and export that folder to the board (`exportfs -v` there; version 3 needs rpcbind too), and no firewall may be between",
  },
  {
    name: "bad-decompress",
    pattern: /-- System halted|uncompression error|XZ-compressed data is corrupt/,
    until: "init",
    message: "the kernel could not unpack itself",
    remedy: "the zImage is damaged, or something was loaded over it; check the boot map",
  },
  {
    name: "initramfs-damaged",
    pattern: /Initramfs unpacking failed/,
    until: "login",
    message: "the kernel could not unpack the initramfs",
    remedy: "it is damaged, or something was loaded over it: check the boot map",
  },
  {
    name: "no-root",
    pattern: /^initramfs: no root filesystem/,
    until: "login",
    message: "the initramfs could not mount the root file system",
    remedy: `${PARTUUID}, and the modules that the card needs must be in the initramfs (the SoC's \`card-modules:\`)`,
  },
  {
    name: "no-init",
    pattern: /^initramfs: no init/,
    until: "login",
    message: "the initramfs found no init in the root file system",
    remedy: "the rootfs needs /sbin/init (a package such as systemd-sysv or busybox)",
  },
  {
    name: "no-root",
    pattern: /Unable to mount root fs|Cannot open root device/,
    until: "login",
    message: "the kernel could not mount the root file system",
    remedy: `${PARTUUID}, and the card's and file system's drivers must be built into the kernel (MMC_SUNXI=y, EXT4_FS=y)`,
  },
  {
    name: "no-init",
    pattern: /No working init found|Requested init \S+ failed/,
    until: "login",
    message: "the kernel found no init it could run",
    remedy: "the rootfs needs /sbin/init for this architecture (a package such as systemd-sysv or busybox)",
  },
  {
    name: "init-died",
    pattern: /Attempted to kill init/,
    until: "login",
    message: "init died",
    remedy: "the lines above the panic say why; a rootfs of another architecture or a missing library are common",
  },
  {
    name: "kernel-panic",
    pattern: /Kernel panic - not syncing/,
    until: "checks",
    message: "the kernel panicked",
    remedy: "the lines above the panic say why; the serial log has them all",
  },
  {
    name: "emergency-mode",
    pattern:
      /You are in (?:emergency|rescue) mode|Cannot open access to console, the root account is locked|Give root password for maintenance/,
    until: "login",
    message: "systemd went into emergency mode",
    remedy:
      "a unit that the boot needs failed, often a mount of /etc/fstab: see [FAILED] and [DEPEND] in the serial log",
  },
  {
    name: "systemd-frozen",
    pattern: /systemd\[1\]: Freezing execution|!!!!!!\] .*freezing/,
    until: "login",
    message: "systemd gave up",
    remedy: "the line says why; a missing kernel option (CGROUPS, DEVTMPFS, INOTIFY_USER …) is the common cause",
  },
  {
    name: "xen-panic",
    pattern: /\(XEN\) Panic on CPU/,
    until: "init",
    message: "Xen panicked",
    remedy: "the (XEN) lines above say why; the serial log has them all",
  },
];

/** The failure a console line tells of while the boot is on its way to `next`, or undefined for an ordinary line. */
export function failureIn(
  line: string,
  next: ProofStage,
  boot: { readonly network?: true; readonly nfsRoot?: NfsRoot } = {},
): BootFailure | undefined {
  const from = boot.network ? "network" : "card";
  const sign = SIGNS.find(
    (one) =>
      STAGES.indexOf(next) <= STAGES.indexOf(one.until) &&
      (one.from === undefined || one.from === from) &&
      one.pattern.test(line),
  );
  if (!sign) return undefined;
  const shown = sign.name === NFS_ROOT && shownNfsRoot(boot.nfsRoot);
  const message = shown ? `the NFS export ${shown} did not answer` : sign.message;
  return { name: sign.name, stage: next, message, line: line.trim(), remedy: sign.remedy };
}
