import { UNIT_FOLDERS } from "../find-unit.js";
import type { Tree } from "../tree.js";

/** A unit that some other pulls in at boot, by a link. */
export interface StartedUnit {
  readonly name: string;
  /** The link that does it, below the root; the administrator's where there are several. */
  readonly link: string;
}

const LINK = /^(.+)\/[^/]+\.(?:wants|requires|upholds)\/([^/]+)$/;

/** Units that are enabled, by the recipe, by their packages' scripts (/etc) or by links their packages ship (/usr/lib). Sorted by name. */
export function startedUnits(tree: Tree): readonly StartedUnit[] {
  const found = new Map<string, { readonly link: string; readonly rank: number }>();
  for (const { path, type } of tree.nodes()) {
    const match = type === "folder" ? undefined : LINK.exec(path);
    const rank = UNIT_FOLDERS.indexOf(match?.[1] as (typeof UNIT_FOLDERS)[number]);
    const name = match?.[2];
    if (name === undefined || rank < 0) continue;
    const known = found.get(name);
    if (!known || rank < known.rank) found.set(name, { link: path, rank });
  }
  return [...found].map(([name, { link }]) => ({ name, link })).sort((a, b) => (a.name < b.name ? -1 : 1));
}
