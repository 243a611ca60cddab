import type { Tree } from "../tree.js";

/** One line of /etc/fstab, its escapes undone; see fstab(5). */
export interface FstabEntry {
  /** Of the file, from 1. */
  readonly line: number;
  readonly what: string;
  readonly where: string;
  readonly type: string;
  readonly options: readonly string[];
  /** A boot goes on without it. */
  readonly optional: boolean;
}

export function fstabEntries(tree: Tree): readonly FstabEntry[] {
  return (tree.text("etc/fstab") ?? "").split("\n").flatMap((text, index) => {
    const fields = text.trim().split(/\s+/).map(unescaped);
    const [what = "", where = "", type = "auto", list = "defaults"] = fields;
    if (what === "" || what.startsWith("#") || where === "") return [];
    const options = list.split(",");
    return [
      {
        line: index + 1,
        what,
        where,
        type,
        options,
        optional: options.includes("nofail") || options.includes("noauto"),
      },
    ];
  });
}

function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
