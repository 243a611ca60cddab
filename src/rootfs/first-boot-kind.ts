import type { FirstBootSpec, UserSpec } from "../recipe/spec.js";
import type { Findings } from "./findings.js";
import { askPassword, type Files } from "./first-boot.js";
import { initOf } from "./init.js";
import { fromInitramfs, suseWizard } from "./suse-first-boot.js";
import { maskSystemdFirstboot, systemdAsks } from "./systemd-first-boot.js";
import type { Tree } from "./tree.js";

/** What a first boot is made from. */
export interface FirstBoot {
  readonly firstboot: FirstBootSpec["kind"];
  readonly users: readonly UserSpec[];
  readonly locale?: string;
  readonly timezone?: string;
  readonly keymap?: string;
  /** The serial console's device, e.g. `ttyS0`. */
  readonly console: string;
  readonly files: Files;
}

/**
 * What /etc/machine-id has to be for it; see machine-id(5), "First Boot Semantics". `empty`: made anew, and no first boot
 * to systemd; `uninitialized`: a first boot; `missing`: one to the initramfs as well, where Ignition and Combustion run.
 */
export type MachineId = "empty" | "uninitialized" | "missing";

/** Sets up what the recipe's first boot is to ask or to do. Root stays locked until it has run. */
export function firstBoot(tree: Tree, what: FirstBoot, findings: Findings): MachineId {
  const { firstboot, users } = what;
  const nobody = !users.some((user) => user.passwordHash !== undefined || user.sshKeys.length > 0);
  if (firstboot === "none") return "empty";
  if (firstboot === "password") {
    if (nobody) askPassword(tree, what.files, what.console, findings);
    return "empty";
  }
  const init = initOf(tree);
  if (init !== "systemd") {
    findings.mistake(
      "firstboot-needs-systemd",
      `firstboot: ${firstboot} is a systemd unit, and the rootfs's init is ${init}`,
      "use `firstboot: password`",
    );
    return "empty";
  }
  if (firstboot === "systemd") return systemdAsks(tree, what, findings);
  maskSystemdFirstboot(tree);
  if (firstboot === "yast" || firstboot === "jeos") return suseWizard(tree, firstboot, what, findings);
  return fromInitramfs(tree, firstboot, findings);
}
