import type { FirstBootSpec, UserSpec } from "../recipe/spec.js";
import { addPackages } from "./add-packages.js";
import { ColonFile } from "./colon.js";
import { findUnit } from "./find-unit.js";
import type { Findings } from "./findings.js";
import { askPassword, type Files } from "./first-boot.js";
import { initOf } from "./init.js";
import { startedUnits } from "./lint/started-units.js";
import { settingsOf } from "./lint/unit-text.js";
import type { Tree } from "./tree.js";
import { enableUnit } from "./units.js";

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

const SYSTEMD = "systemd-firstboot.service";
/** Both wizards run while it is there and take it away when they are done. */
const TRIGGER = "var/lib/YaST2/reconfig_system";
const WIZARDS = {
  yast: { unit: "YaST2-Firstboot.service", package: "yast2-firstboot" },
  jeos: { unit: "jeos-firstboot.service", package: "jeos-firstboot" },
} as const;

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
  mask(tree);
  if (firstboot === "yast" || firstboot === "jeos") return wizard(tree, firstboot, what, findings);
  return fromInitramfs(tree, firstboot, findings);
}

/** YaST's or jeos-firstboot's dialogs; both are openSUSE's. */
function wizard(tree: Tree, kind: keyof typeof WIZARDS, what: FirstBoot, findings: Findings): MachineId {
  const { unit, package: name } = WIZARDS[kind];
  if (!findUnit(tree, unit)) {
    lacks(tree, `firstboot: ${kind}: the rootfs has no ${unit}`, name, findings);
    return "empty";
  }
  tree.write(TRIGGER, "");
  enableUnit(tree, unit, findings);
  if (kind === "jeos") jeosAnswers(tree, what);
  // jeos-firstboot's earlier releases looked for systemd's own sign of a first boot.
  return settingsOf(tree, unit)?.("Unit", "ConditionFirstBoot").includes("yes") ? "uninitialized" : "empty";
}

/** What the recipe says is not asked. Its own C locales are none that jeos-firstboot could set. */
function jeosAnswers(tree: Tree, { locale, timezone, keymap, users }: FirstBoot): void {
  const root = users.some(({ name, passwordHash }) => name === "root" && passwordHash !== undefined);
  const answers = Object.entries({
    JEOS_LOCALE: locale && /^(C|POSIX)\b/.test(locale) ? undefined : locale,
    JEOS_KEYTABLE: keymap,
    JEOS_TIMEZONE: timezone,
    JEOS_PASSWORD_ALREADY_SET: root ? "yes" : undefined,
  }).flatMap(([name, value]) => (value === undefined ? [] : [`${name}='${value}'\n`]));
  const path = "etc/jeos-firstboot.conf";
  if (answers.length > 0) tree.write(path, `${tree.text(path) ?? ""}${answers.join("")}`);
}

/** systemd-firstboot asks for what is not there yet: what the recipe says stays, the rest goes. */
function systemdAsks(tree: Tree, what: FirstBoot, findings: Findings): MachineId {
  const own = `etc/systemd/system/${SYSTEMD}`;
  if (tree.get(own, "keep")?.link === "/dev/null") tree.remove(own);
  const unit = findUnit(tree, SYSTEMD);
  if (!unit) {
    findings.mistake(
      "no-firstboot",
      `firstboot: systemd: the rootfs has no ${SYSTEMD}`,
      tree.has("var/lib/dpkg/status")
        ? "Debian's systemd has it from trixie on; before that, use `firstboot: password`"
        : "use `firstboot: password`, or a systemd that was built with it",
    );
    return "empty";
  }
  // It has no [Install]: systemd's own link starts it, which some distributions leave out.
  if (!startedUnits(tree).some(({ name }) => name === SYSTEMD)) {
    tree.symlink(`etc/systemd/system/sysinit.target.wants/${SYSTEMD}`, `/${unit.file}`);
  }
  const asked = { "etc/locale.conf": what.locale, "etc/localtime": what.timezone, "etc/vconsole.conf": what.keymap };
  for (const [path, said] of Object.entries(asked)) {
    if (said === undefined && tree.get(path, "keep")) tree.remove(path);
  }
  // UTC needs no file, but without one it would be asked for.
  if (what.timezone !== undefined && !tree.get("etc/localtime", "keep")) {
    tree.symlink("etc/localtime", `/usr/share/zoneinfo/${what.timezone}`);
  }
  if (!what.users.some(({ name, passwordHash }) => name === "root" && passwordHash !== undefined)) {
    // A lock like any other, and the one that systemd-firstboot takes for a password nobody has set yet.
    const shadow = new ColonFile(tree, "etc/shadow");
    shadow.set("root", 1, "!unprovisioned");
    shadow.save(tree);
  }
  return "uninitialized";
}

/** Ignition and Combustion run before the root filesystem is handed over; what they need of it is that they are there. */
function fromInitramfs(tree: Tree, kind: "ignition" | "combustion", findings: Findings): MachineId {
  const modules = "usr/lib/dracut/modules.d";
  if (!tree.list(modules).some((name) => new RegExp(`^\\d\\d${kind}$`).test(name))) {
    lacks(tree, `firstboot: ${kind}: the rootfs has no dracut module ${kind}`, kind, findings);
  }
  return "missing";
}

function lacks(tree: Tree, message: string, name: string, findings: Findings): void {
  const elsewhere = tree.has("var/lib/dpkg/status")
    ? "Debian has no such package; use `firstboot: systemd`"
    : undefined;
  findings.mistake("no-firstboot", message, elsewhere ?? addPackages(tree, { debian: name, opensuse: name }));
}

/** Two that ask at once would each read half of the answers. */
function mask(tree: Tree): void {
  if (findUnit(tree, SYSTEMD)) tree.symlink(`etc/systemd/system/${SYSTEMD}`, "/dev/null");
}
