import type { Tree } from "./tree.js";

/** Where systemd looks for units, the first counts; see systemd.unit(5). Below the root. */
export const UNIT_FOLDERS = [
  "etc/systemd/system",
  "usr/local/lib/systemd/system",
  "usr/lib/systemd/system",
  "lib/systemd/system",
] as const;

export interface Unit {
  /** Where its text is, below the root. */
  readonly file: string;
  readonly masked: boolean;
}

/** The unit's file; an instance's is its template's. */
export function findUnit(tree: Tree, name: string): Unit | undefined {
  for (const one of [name, templateOf(name)]) {
    for (const folder of UNIT_FOLDERS) {
      const path = `${folder}/${one}`;
      const own = tree.get(path, "keep");
      if (!own) continue;
      if (own.type === "symlink" && own.link === "/dev/null") return { file: path, masked: true };
      const file = tree.resolve(path);
      if (file !== undefined && tree.read(file) !== undefined) return { file, masked: tree.read(file)?.length === 0 };
    }
  }
  return undefined;
}

/** `getty@.service` for `getty@tty1.service`; other names stay as they are. */
export function templateOf(name: string): string {
  return name.replace(/@[^@]+(\.[a-z]+)$/, "@$1");
}

/** The specifiers that come from a unit's name alone, see systemd.unit(5); others stay as they are. */
export function expandSpecifiers(text: string, unit: string): string {
  const [stem = unit] = unit.split(/\.[a-z]+$/);
  const [prefix = stem, instance = ""] = stem.split(/@(.*)/s);
  const known: Record<string, string> = {
    n: unit,
    N: stem,
    p: prefix,
    i: instance,
    I: instance,
    j: prefix.split("-").at(-1) ?? "",
    "%": "%",
  };
  return text.replace(/%(.)/g, (all, letter: string) => known[letter] ?? all);
}
