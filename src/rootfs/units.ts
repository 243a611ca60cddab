import { didYouMean } from "../diagnostic/suggest.js";
import type { ProvisionSpec } from "../recipe/spec.js";
import { expandSpecifiers as expand, findUnit, UNIT_FOLDERS } from "./find-unit.js";
import type { Findings } from "./findings.js";
import { initOf } from "./init.js";
import type { Node, Tree } from "./tree.js";
import { parseInstall } from "./unit-file.js";

const OWN = "etc/systemd/system";
const TYPES = /\.(service|socket|target|timer|mount|automount|path|swap|slice|device|scope)$/;

/** Enables, disables and masks systemd units as systemctl --root= would, by the links that their [Install] asks for. */
export function units(tree: Tree, spec: ProvisionSpec["units"], findings: Findings): void {
  const wanted = [...spec.enable, ...spec.disable, ...spec.mask];
  if (wanted.length === 0) return;
  const init = initOf(tree);
  if (init !== "systemd") {
    findings.mistake("no-systemd", `units: ${wanted.join(", ")}: the rootfs's init is ${init}, not systemd`);
    return;
  }
  // Masked first: what is masked and enabled is a contradiction, and shows as one.
  for (const name of spec.disable) disable(tree, full(name), findings);
  for (const name of spec.mask) mask(tree, full(name), findings);
  for (const name of spec.enable) enableUnit(tree, full(name), findings);
}

/** Enables one unit with those its Also= names. `name` is whole: `ssh.service`, `serial-getty@ttyS0.service`. */
export function enableUnit(tree: Tree, name: string, findings: Findings, seen = new Set<string>()): void {
  if (seen.has(name)) return;
  seen.add(name);
  const found = findUnit(tree, name);
  if (!found) {
    unknown(tree, name, "enable", findings);
    return;
  }
  if (found.masked) {
    findings.mistake("unit-masked", `units: ${name} cannot be enabled: it is masked (a link to /dev/null)`);
    return;
  }
  const install = parseInstall(tree.text(found.file) ?? "");
  let unit = name;
  if (/@\./.test(name)) {
    if (install.defaultInstance === undefined) {
      findings.mistake(
        "unit-template",
        `units: ${name} is a template and has no default instance`,
        `name an instance, e.g. ${name.replace("@.", "@ttyS0.")}`,
      );
      return;
    }
    unit = name.replace("@.", `@${install.defaultInstance}.`);
  }
  const target = `/${found.file}`;
  const link = (path: string) => tree.symlink(`${OWN}/${path}`, target);
  for (const by of install.wantedBy) link(`${expand(by, unit)}.wants/${unit}`);
  for (const by of install.requiredBy) link(`${expand(by, unit)}.requires/${unit}`);
  for (const by of install.upheldBy) link(`${expand(by, unit)}.upholds/${unit}`);
  for (const alias of install.alias) if (expand(alias, unit) !== unit) link(expand(alias, unit));
  for (const other of install.also) enableUnit(tree, expand(other, unit), findings, seen);
  const asks = install.wantedBy.length + install.requiredBy.length + install.upheldBy.length + install.alias.length;
  if (asks + install.also.length === 0) {
    findings.note(`warning: units: ${name} has no [Install] section; others start it, and enabling it does nothing`);
  }
}

function disable(tree: Tree, name: string, findings: Findings): void {
  const found = findUnit(tree, name);
  if (!found) {
    unknown(tree, name, "disable", findings);
    return;
  }
  const template = /@\./.test(name) ? name.split("@.") : undefined;
  const isIt = (one: string): boolean =>
    one === name || (template !== undefined && one.startsWith(`${template[0]}@`) && one.endsWith(`.${template[1]}`));
  const base = found.file.split("/").at(-1);
  const gone = [...tree.nodes()].filter(
    (node) => node.type === "symlink" && node.path.startsWith(`${OWN}/`) && isLinkTo(node, isIt, base),
  );
  for (const node of gone) tree.remove(node.path);
  if (gone.length === 0)
    findings.note(`warning: units: ${name} was not enabled; what starts it all the same can be masked`);
}

/** `X.wants/NAME` and its like, or an alias: another name for the unit's file. */
function isLinkTo(node: Node, isIt: (name: string) => boolean, file: string | undefined): boolean {
  const [folder = "", name = ""] = node.path
    .slice(OWN.length + 1)
    .split("/")
    .slice(-2);
  if (/\.(wants|requires|upholds)$/.test(folder)) return isIt(name);
  return node.link?.split("/").at(-1) === file && node.link !== "/dev/null";
}

function mask(tree: Tree, name: string, findings: Findings): void {
  if (!findUnit(tree, name)) {
    unknown(tree, name, "mask", findings);
    return;
  }
  const node = tree.get(`${OWN}/${name}`, "keep");
  if (node && node.type !== "symlink") {
    findings.mistake("unit-mask", `units: ${name} cannot be masked: /${OWN}/${name} is a file of its own`);
    return;
  }
  tree.symlink(`${OWN}/${name}`, "/dev/null");
}

function unknown(tree: Tree, name: string, verb: string, findings: Findings): void {
  const names = new Set(UNIT_FOLDERS.flatMap((folder) => tree.list(folder)).filter((one) => TYPES.test(one)));
  const help = didYouMean(name, [...names]);
  // A list of hundreds of units helps nobody.
  findings.mistake(
    "unknown-unit",
    `units: cannot ${verb} ${name}: the rootfs has no such unit`,
    help?.startsWith("did you mean") ? help : undefined,
  );
}

function full(name: string): string {
  return TYPES.test(name) ? name : `${name}.service`;
}
