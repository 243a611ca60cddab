import { expandSpecifiers, findUnit, UNIT_FOLDERS } from "./find-unit.js";
import type { Findings } from "./findings.js";
import type { Tree } from "./tree.js";
import { type Install, parseInstall } from "./unit-file.js";

const OWN = "etc/systemd/system";
const PATH = "etc/systemd/system-preset/00-boardsmith.preset";

/**
 * Before a first boot systemd brings all units to what its presets say (systemd.preset(5)); without a word of ours it
 * would switch on what the recipe switched off, and where a distribution has no presets everything there is. So each unit
 * of this image is named as it is now. Units of packages that come later are the distribution's matter again.
 */
export function presets(tree: Tree, findings: Findings): void {
  const enabled = enabledUnits(tree);
  const lines: string[] = [];
  for (const [name, install] of installable(tree)) {
    const instances = enabled.get(name);
    lines.push(instances === undefined ? `disable ${name}` : ["enable", name, ...instances].join(" "));
    if (instances === undefined) continue;
    for (const other of install.also.map((one) => expandSpecifiers(one, name))) {
      if (enabled.has(other) || findUnit(tree, other)?.masked !== false) continue;
      findings.note(
        `warning: units: the first boot enables ${other} along with ${name} (Also=); what must not run is masked`,
      );
    }
  }
  tree.write(PATH, `${lines.join("\n")}\n`);
}

/** Names of the units that links in /etc enable, each with the instances of a template. Sorted. */
function enabledUnits(tree: Tree): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  for (const { path, type, link } of tree.nodes()) {
    if (type !== "symlink" || !path.startsWith(`${OWN}/`) || link === "/dev/null") continue;
    const [folder = "", name] = path.slice(OWN.length + 1).split("/");
    const alias = name === undefined;
    if (!alias && !/\.(wants|requires|upholds)$/.test(folder)) continue;
    const unit = (alias ? link?.split("/").at(-1) : name) ?? "";
    const [, stem, instance, kind] = /^([^@]+@)([^@]+)(\.[a-z]+)$/.exec(unit) ?? [];
    const file = stem === undefined ? unit : `${stem}${kind}`;
    const instances = found.get(file) ?? new Set();
    if (instance !== undefined) instances.add(instance);
    found.set(file, instances);
  }
  return new Map([...found].map(([name, instances]) => [name, [...instances].sort()]));
}

/** Units that can be enabled at all, by their own names. Sorted. */
function* installable(tree: Tree): Generator<readonly [string, Install]> {
  const names = new Set(UNIT_FOLDERS.flatMap((folder) => tree.list(folder)));
  for (const name of [...names].sort()) {
    const unit = findUnit(tree, name);
    // Another name for a unit is a link, and has no file of its own.
    if (!unit || unit.masked || unit.file.split("/").at(-1) !== name) continue;
    const install = parseInstall(tree.text(unit.file) ?? "");
    const { wantedBy, requiredBy, upheldBy, alias, also } = install;
    if ([wantedBy, requiredBy, upheldBy, alias, also].some((list) => list.length > 0)) yield [name, install];
  }
}
