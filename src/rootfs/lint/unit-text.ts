import { findUnit, templateOf, UNIT_FOLDERS } from "../find-unit.js";
import type { Tree } from "../tree.js";
import { type UnitSettings, unitSettings } from "../unit-file.js";

/** A unit's settings with its drop-ins' on top, as systemd reads them; undefined when there is no such unit or it is masked. */
export function settingsOf(tree: Tree, name: string): UnitSettings | undefined {
  const unit = findUnit(tree, name);
  if (!unit || unit.masked) return undefined;
  const texts = [unit.file, ...dropIns(tree, name)].map((path) => tree.text(path) ?? "");
  return unitSettings(texts.join("\n"));
}

/** NAME.d/*.conf of the unit, its template and its kind; one file name counts once, and they are read in the names' order. */
function dropIns(tree: Tree, name: string): readonly string[] {
  const kind = name.split(".").at(-1) ?? "";
  const found = new Map<string, string>();
  for (const owner of new Set([name, templateOf(name), kind])) {
    for (const folder of UNIT_FOLDERS) {
      for (const file of tree.has(`${folder}/${owner}.d`) ? tree.list(`${folder}/${owner}.d`) : []) {
        if (file.endsWith(".conf") && !found.has(file)) found.set(file, `${folder}/${owner}.d/${file}`);
      }
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
}
