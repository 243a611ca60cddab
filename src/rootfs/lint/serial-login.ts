import { expandSpecifiers, findUnit } from "../find-unit.js";
import { initOf } from "../init.js";
import type { Tree } from "../tree.js";
import type { LintRule } from "./finding.js";
import { inittab } from "./inittab.js";
import { programFault, programOf } from "./program.js";
import { startedUnits } from "./started-units.js";
import { settingsOf } from "./unit-text.js";

const GENERATORS = ["usr/lib/systemd/system-generators", "lib/systemd/system-generators"];

/** The boot proof waits for a login on the serial console; what is missing for one is better told before it times out. */
export const serialLogin: LintRule = function* ({ tree, console, serialLogin: wanted }) {
  if (!wanted) return;
  const init = initOf(tree);
  if (init === "other" || init === "none") return;
  const why = init === "systemd" ? systemdFault(tree, console) : inittabFault(tree, console);
  if (why === undefined) return;
  yield {
    code: "serial-login",
    message: `nobody can log in on ${console}, where the boot proof waits for a login: ${why}`,
    about: console,
    help: tree.has("var/lib/dpkg/status")
      ? "Debian has agetty in util-linux and login in login: add them to rootfs.packages; or set proof.enabled: false"
      : "give the rootfs a getty on the console and a login, or set proof.enabled: false",
  };
};

function systemdFault(tree: Tree, console: string): string | undefined {
  const name = `serial-getty@${console}.service`;
  const unit = findUnit(tree, name);
  if (!unit) return `there is no ${name}`;
  if (unit.masked) return `${name} is masked`;
  // systemd's generator starts one on every console that the kernel's arguments name.
  const generated = GENERATORS.some((folder) => tree.has(`${folder}/systemd-getty-generator`));
  if (!generated && !startedUnits(tree).some((one) => one.name === name)) return `nothing starts ${name}`;
  for (const command of settingsOf(tree, name)?.("Service", "ExecStart") ?? []) {
    const fault = programFault(tree, programOf(expandSpecifiers(command, name)).program);
    if (fault !== undefined) return fault;
  }
  return loginFault(tree);
}

function inittabFault(tree: Tree, console: string): string | undefined {
  const lines = inittab(tree).filter(({ action }) => action === "respawn" || action === "askfirst");
  // An empty id is busybox's word for the console itself.
  const line = lines.find(({ id, command }) => id === console || id === "" || command.split(/\s+/).includes(console));
  if (!line) return "/etc/inittab starts nothing there";
  const { program } = programOf(line.command);
  return programFault(tree, program) ?? (program.endsWith("getty") ? loginFault(tree) : undefined);
}

function loginFault(tree: Tree): string | undefined {
  return tree.has("bin/login") || tree.has("usr/bin/login") ? undefined : "/bin/login is not there";
}
