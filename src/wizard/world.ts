import type { Board } from "../board/board.js";
import type { PartAsk } from "../recipe/judge.js";
import type { Tree } from "./tree.js";

/** A recipe that boardsmith ships, or a part of one. */
export interface Shipped {
  /** Below `recipes/`: `cubieboard.yaml`, `base/debian.yaml`. */
  readonly name: string;
  /** Absolute. */
  readonly file: string;
  /** With all it extends; without `extends:`. */
  readonly tree: Tree;
}

/** What questions may know. Loaded before they are asked, so that none of them waits. */
export interface World {
  readonly boards: readonly Board[];
  readonly shipped: readonly Shipped[];
  /** What the shipped fragments ask for, by the fragment's absolute path; the part is filled in by whoever names it. */
  readonly fragments: ReadonlyMap<string, readonly Omit<PartAsk, "part">[]>;
  readonly host: Host;
  /** What is at a path of this machine. */
  stat(path: string): "file" | "tree" | undefined;
  /** Folder that paths in answers start from. */
  readonly cwd: string;
}

/** What this machine says of whoever sits at it. */
export interface Host {
  readonly user?: string;
  readonly timezone?: string;
  readonly locale?: string;
  /** Public SSH keys of theirs: the file's name, and its line. */
  readonly keys: readonly { readonly file: string; readonly line: string }[];
}

export function boardOf(world: World, name: string | undefined): Board | undefined {
  return world.boards.find((board) => board.name === name);
}

/** The tree of a recipe that boardsmith ships. */
export function shippedTree(world: World, name: string): Tree {
  const found = world.shipped.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no shipped recipe ${name}`);
  return found.tree;
}

/** What shipped recipes for boards with the same SoC say at `path`, of those that `like` takes. */
export function usualFor<T>(
  world: World,
  board: Board | undefined,
  say: (tree: Tree) => T | undefined,
  like: (tree: Tree) => boolean = () => true,
): T | undefined {
  for (const { tree } of world.shipped) {
    const theirs = boardOf(world, typeof tree.board === "string" ? tree.board : undefined);
    if (theirs === undefined || theirs.soc.name !== board?.soc.name || !like(tree)) continue;
    const said = say(tree);
    if (said !== undefined) return said;
  }
  return undefined;
}
