import { addPackages } from "./add-packages.js";
import { findUnit } from "./find-unit.js";
import type { Findings } from "./findings.js";
import type { FirstBoot, MachineId } from "./first-boot-kind.js";
import { settingsOf } from "./lint/unit-text.js";
import type { Tree } from "./tree.js";
import { enableUnit } from "./units.js";

/** Both wizards run while it is there and take it away when they are done. */
const TRIGGER = "var/lib/YaST2/reconfig_system";
/** What jeos-firstboot shows first, and does not go on without. */
const LICENCES = ["etc/YaST2/licenses/base/license.txt", "usr/share/licenses/product/base/license.txt"];
const WIZARDS = {
  yast: { unit: "YaST2-Firstboot.service", package: "yast2-firstboot" },
  jeos: { unit: "jeos-firstboot.service", package: "jeos-firstboot" },
} as const;

/** YaST's or jeos-firstboot's dialogs; both are openSUSE's. */
export function suseWizard(tree: Tree, kind: keyof typeof WIZARDS, what: FirstBoot, findings: Findings): MachineId {
  const { unit, package: name } = WIZARDS[kind];
  if (!findUnit(tree, unit)) {
    lacks(tree, `firstboot: ${kind}: the rootfs has no ${unit}`, name, findings);
    return "empty";
  }
  tree.write(TRIGGER, "");
  enableUnit(tree, unit, findings);
  if (kind === "jeos") {
    const answers = jeosAnswers(what).join("");
    const path = "etc/jeos-firstboot.conf";
    if (answers !== "") tree.write(path, `${tree.text(path) ?? ""}${answers}`);
    if (!LICENCES.some((path) => tree.has(path))) {
      findings.note(
        `warning: jeos-firstboot shows a licence and asks nothing where it finds none: the rootfs has no /${LICENCES.join(" and no /")}; let an overlay bring one`,
      );
    }
  }
  // jeos-firstboot's earlier releases looked for systemd's own sign of a first boot.
  return settingsOf(tree, unit)?.("Unit", "ConditionFirstBoot").includes("yes") ? "uninitialized" : "empty";
}

/** Lines of /etc/jeos-firstboot.conf: what the recipe says is not asked. C locales are none that jeos-firstboot could set. */
export function jeosAnswers({
  locale,
  timezone,
  keymap,
  users,
}: Pick<FirstBoot, "locale" | "timezone" | "keymap" | "users">): readonly string[] {
  const root = users.some(({ name, passwordHash }) => name === "root" && passwordHash !== undefined);
  return Object.entries({
    JEOS_LOCALE: locale && /^(C|POSIX)\b/.test(locale) ? undefined : locale,
    JEOS_KEYTABLE: keymap,
    JEOS_TIMEZONE: timezone,
    JEOS_PASSWORD_ALREADY_SET: root ? "yes" : undefined,
  }).flatMap(([name, value]) => (value === undefined ? [] : [`${name}='${value}'\n`]));
}

/** Ignition and Combustion run before the root filesystem is handed over; what they need of it is that they are there. */
export function fromInitramfs(tree: Tree, kind: "ignition" | "combustion", findings: Findings): MachineId {
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
