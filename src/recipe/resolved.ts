import type { Board } from "../board/board.js";
import type { Model } from "../board/model.js";
import { listAt, type Path, type Placed } from "../diagnostic/placed.js";
import type { Fragment } from "../kconfig/fragment.js";
import { parseSize } from "../util/size.js";
import type { KiwiWishes } from "./kiwi.js";
import type { CONFIGURED, Locals } from "./local.js";
import type { Recipe } from "./schema/recipe.js";
import type { LocalFile } from "./spec.js";

/** What a spec is made of, once nothing is wrong with any of it. */
export interface Resolved {
  readonly name: string;
  readonly file: string;
  readonly recipe: Recipe;
  readonly root: Placed;
  readonly board: Board;
  /** The fast model that the recipe names. */
  readonly model?: Model;
  readonly locals: Locals;
  /** Text of every fragment by path. */
  readonly fragments: ReadonlyMap<string, string>;
  /** What the description of a `rootfs: kiwi` asks for. */
  readonly kiwi?: KiwiWishes;
  readonly files: readonly string[];
}

/** The files that a list of paths names. */
export function localsAt({ root, locals }: Resolved, ...path: Path): readonly LocalFile[] {
  return listAt(root, ...path).flatMap((value) => locals.of(value));
}

/** The one file that a path names. */
export function only(locals: readonly LocalFile[]): LocalFile {
  const [local] = locals;
  if (local === undefined) throw new Error("a path was resolved that was never found");
  return local;
}

/** Fragments of a part that has a configuration. */
export function fragments(from: Resolved, part: (typeof CONFIGURED)[number]): readonly Fragment[] {
  return localsAt(from, part, "fragments").map(({ path, shown }) => ({
    name: shown,
    path,
    text: from.fragments.get(path) ?? "",
  }));
}

/** Leaves out what was not said, so that it does not enter a key as undefined. */
export function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/** A size that has been checked, in bytes. */
export function bytes(size: string | number): number {
  return typeof size === "number" ? size : (parseSize(size) ?? 0);
}
