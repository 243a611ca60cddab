import { basename, join } from "node:path";
import { listBoards, loadBoard } from "../board/load.js";
import { Refused } from "../diagnostic/failure.js";
import type { Files, Homes } from "../diagnostic/files.js";
import { parseFragment } from "../kconfig/fragment.js";
import { extend } from "../recipe/extend.js";
import { plainTree } from "./placed-tree.js";
import { PURPOSES } from "./questions/system.js";
import type { Tree } from "./tree.js";
import type { Host, Shipped, World } from "./world.js";

/** What the machine says, beside the files. */
export interface Surroundings {
  readonly host: Host;
  stat(path: string): "file" | "tree" | undefined;
}

/** Loads everything that questions may know. */
export async function loadWorld(files: Files, homes: Homes, { host, stat }: Surroundings): Promise<World> {
  const names = await listBoards(files, homes);
  const loaded = await Promise.all(names.map((name) => loadBoard(name, files, homes)));
  const boards = loaded.flatMap(({ board }) => board ?? []);
  if (boards.length === 0) throw new Refused(loaded.flatMap(({ diagnostics }) => diagnostics));
  const root = join(homes.home, "recipes");
  const own = (await files.list(root)).filter((name) => name.endsWith(".yaml") && !name.endsWith(".lock.yaml"));
  const starts = Object.values(PURPOSES).map(({ start }) => start);
  const shipped = await loadShipped(files, homes, [...starts, ...own]);
  const fragments = new Map<string, ReturnType<typeof parseFragment>["asks"]>();
  for (const folder of ["kernel", "u-boot"]) {
    for (const name of await files.list(join(root, folder))) {
      const path = join(root, folder, name);
      fragments.set(path, parseFragment({ name: basename(path), text: (await files.text(path)) ?? "" }).asks);
    }
  }
  return { boards, shipped, fragments, host, stat, cwd: homes.cwd };
}

async function loadShipped(files: Files, { home }: Homes, names: readonly string[]): Promise<readonly Shipped[]> {
  const all: Shipped[] = [];
  // One after the other: what is typed meanwhile gets its turn.
  for (const name of names) {
    const file = join(home, "recipes", name);
    const { root } = await extend(file, files);
    if (root === undefined) continue;
    const { extends: _, ...tree } = plainTree(root) as Tree;
    all.push({ name, file, tree });
  }
  return all;
}
