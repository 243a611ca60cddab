import type { FirstBootSpec, NetworkSpec, ProvisionSpec, UserSpec } from "../recipe/spec.js";
import { accounts } from "./accounts.js";
import { addPackages } from "./add-packages.js";
import type { Bytes } from "./entries.js";
import type { Findings } from "./findings.js";
import { cardSettings, type Files, type GrowVolume, grow, hostKeys } from "./first-boot.js";
import { firstBoot } from "./first-boot-kind.js";
import { fstab } from "./fstab.js";
import { guests, type ProvisionedGuest } from "./guests.js";
import { hostname } from "./hostname.js";
import { initOf } from "./init.js";
import { modules } from "./modules.js";
import { network } from "./network.js";
import { nfs, nfsMounts } from "./nfs.js";
import { type Overlay, overlay } from "./overlay.js";
import { presets } from "./presets.js";
import { keymap, locale, timezone } from "./region.js";
import { rootVolume } from "./root-volume.js";
import type { Tree } from "./tree.js";
import { units } from "./units.js";

/** What makes a bare rootfs this recipe's own. */
export interface Provisioning {
  readonly hostname: string;
  readonly users: readonly UserSpec[];
  readonly locale?: string;
  readonly timezone?: string;
  readonly keymap?: string;
  readonly network: readonly NetworkSpec[];
  readonly nfs: ProvisionSpec["nfs"];
  /** Interface that the kernel has set up already, for the root filesystem comes through it. */
  readonly rootInterface?: string;
  readonly units: ProvisionSpec["units"];
  readonly overlays: readonly Overlay[];
  readonly firstboot: FirstBootSpec["kind"];
  readonly grow: boolean;
  readonly growVolume?: GrowVolume;
  /** The card has a partition for what makes it another than its image. */
  readonly cards?: true;
  /** The kernel sets up the root volume from its command line, which has to follow the volume. */
  readonly rootVolume?: true;
  /** The image's own filesystems; busybox's mount knows labels, others partition ids, and filesystems' ids of volumes. */
  readonly mounts: readonly {
    readonly partition?: string;
    readonly uuid?: string;
    readonly label: string;
    readonly where: string;
    readonly type: string;
    readonly options: string;
    readonly pass: number;
  }[];
  /** Guests that dom0 starts. */
  readonly guests?: readonly ProvisionedGuest[];
  /** The serial console's device, e.g. `ttyS0`. */
  readonly console: string;
  readonly modules: Bytes;
  /** The kernel's own version string. */
  readonly release: string;
  readonly files: Files;
  /** Seconds; the time of everything new. */
  readonly epoch: number;
}

/** What nothing waits for may come late: on a slow board or emulator udev needs longer than the usual 90 s to announce a disk. */
const PATIENCE = "x-systemd.device-timeout=15min";

/** Edits a rootfs's tree in place. Whatever cannot be had is told as a mistake, all of them in one go. */
export function provision(tree: Tree, what: Provisioning, findings: Findings): void {
  const init = initOf(tree);
  if (init === "none") {
    findings.mistake(
      "no-init",
      "the rootfs has no init (/sbin/init, /etc/init or /bin/init)",
      addPackages(tree, { debian: "systemd-sysv or busybox", opensuse: "systemd" }),
    );
    return;
  }
  if (init === "systemd" && !tree.has("usr/lib/systemd/systemd-udevd") && !tree.has("lib/systemd/systemd-udevd")) {
    findings.mistake(
      "no-udev",
      "the rootfs has systemd and no udev: systemd would wait for the serial console and for disks that nobody announces",
      addPackages(tree, { debian: "udev", opensuse: "udev" }),
    );
  }
  modules(tree, what.modules, what.release, findings);
  hostname(tree, what.hostname);
  accounts(tree, what.users, what.epoch, findings);
  if (what.locale !== undefined) locale(tree, what.locale, findings);
  if (what.timezone !== undefined) timezone(tree, what.timezone, findings);
  if (what.keymap !== undefined) keymap(tree, what.keymap, findings);
  const mounts = what.mounts.map(({ partition, uuid, label, options, ...mount }) => ({
    ...mount,
    options: init === "systemd" && options.includes("nofail") ? `${options},${PATIENCE}` : options,
    what: init === "busybox" ? `LABEL=${label}` : partition ? `PARTUUID=${partition}` : `UUID=${uuid}`,
  }));
  fstab(tree, [...mounts, ...nfsMounts(what.nfs.mounts)]);
  network(tree, what.network, findings, what.rootInterface);
  nfs(tree, what.nfs, findings);
  hostKeys(tree, what.files, findings);
  if (what.rootVolume) rootVolume(tree, what.files, findings);
  if (what.cards) {
    const folders = what.mounts.map(({ where }) => where).filter((where) => !["/", "/boot", "none"].includes(where));
    cardSettings(tree, what.files, folders, findings);
  }
  if (what.grow) grow(tree, what.files, what.growVolume, findings);
  const machineId = firstBoot(tree, what, findings);
  if (tree.has("etc/machine-id") || init === "systemd") {
    if (machineId === "missing") tree.remove("etc/machine-id");
    else tree.write("etc/machine-id", machineId === "empty" ? "" : "uninitialized\n", { mode: 0o444 });
    if (tree.get("var/lib/dbus/machine-id", "keep")?.type === "file") tree.remove("var/lib/dbus/machine-id");
  }
  // A slow board or emulator may take longer than 90 s to find its console; a login must not be lost to that.
  if (init === "systemd") {
    tree.write(
      `etc/systemd/system/dev-${what.console}.device.d/boardsmith.conf`,
      "[Unit]\nJobRunningTimeoutSec=15min\n",
    );
  }
  // Overlays come after all that boardsmith writes, so that theirs is the last word; units may come with them.
  for (const over of what.overlays) overlay(tree, over, what.epoch, findings);
  // A guest's kernel may come with an overlay.
  guests(tree, what.guests ?? [], what.epoch, findings);
  units(tree, what.units, findings);
  if (machineId !== "empty") presets(tree, findings);
}
