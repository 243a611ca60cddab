import { difference } from "./difference.js";
import { isTree, type Tree } from "./tree.js";
import type { Shipped } from "./world.js";

/** A shipped recipe, and what one that extends it says of its own. */
export interface Nearest {
  readonly base: Shipped;
  readonly own: Tree;
}

/** The shipped recipe from which the fewest words lead to `wanted`; one for the same board before others. */
export function nearest(wanted: Tree, shipped: readonly Shipped[]): Nearest {
  // What a list of recipes says of the new one is its own.
  const { description: _, ...rest } = wanted;
  const all = shipped.flatMap((base): readonly (Nearest & { readonly words: number })[] => {
    const { description: _base, ...tree } = base.tree;
    const own = difference(tree, rest);
    return own === undefined ? [] : [{ base, own, words: count(own) }];
  });
  const [first, ...others] = all;
  if (first === undefined) throw new Error("no shipped recipe leads to this one");
  const theirs = (one: Nearest) => one.base.tree.board === wanted.board;
  return others.reduce((best, one) => {
    if (one.words !== best.words) return one.words < best.words ? one : best;
    return theirs(one) && !theirs(best) ? one : best;
  }, first);
}

function count(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + count(one), 1);
  return isTree(value) ? Object.values(value).reduce((sum: number, one) => sum + count(one), 1) : 1;
}
