import { ColonFile } from "./colon.js";
import { findUnit } from "./find-unit.js";
import type { Findings } from "./findings.js";
import type { FirstBoot, MachineId } from "./first-boot-kind.js";
import { startedUnits } from "./lint/started-units.js";
import type { Tree } from "./tree.js";

const UNIT = "systemd-firstboot.service";

/** systemd-firstboot asks for what is not there yet: what the recipe says stays, the rest goes. */
export function systemdAsks(tree: Tree, what: FirstBoot, findings: Findings): MachineId {
  const own = `etc/systemd/system/${UNIT}`;
  if (tree.get(own, "keep")?.link === "/dev/null") tree.remove(own);
  const unit = findUnit(tree, UNIT);
  if (!unit) {
    findings.mistake(
      "no-firstboot",
      `firstboot: systemd: the rootfs has no ${UNIT}`,
      tree.has("var/lib/dpkg/status")
        ? "Debian's systemd has it from trixie on; before that, use `firstboot: password`"
        : "use `firstboot: password`, or a systemd that was built with it",
    );
    return "empty";
  }
  // It has no [Install]: systemd's own link starts it, which some distributions leave out.
  if (!startedUnits(tree).some(({ name }) => name === UNIT)) {
    tree.symlink(`etc/systemd/system/sysinit.target.wants/${UNIT}`, `/${unit.file}`);
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

/** Two that ask at once would each read half of the answers. */
export function maskSystemdFirstboot(tree: Tree): void {
  if (findUnit(tree, UNIT)) tree.symlink(`etc/systemd/system/${UNIT}`, "/dev/null");
}
