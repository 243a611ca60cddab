import { plain } from "../diagnostic/placed.js";
import { exclusives } from "../recipe/extend.js";
import { merge } from "../recipe/merge.js";
import { placedTree } from "./placed-tree.js";
import { isTree, same, type Tree } from "./tree.js";

/**
 * What a recipe has to say that extends `base` and is to be `wanted`; undefined when it cannot, since a recipe takes
 * nothing away from what it extends.
 */
export function difference(base: Tree, wanted: Tree): Tree | undefined {
  const own = lessThan(base, wanted);
  return same(plain(merge(placedTree(base), placedTree(own), exclusives)), wanted) ? own : undefined;
}

function lessThan(base: Tree, wanted: Tree): Tree {
  const own = Object.entries(wanted).flatMap(([key, value]): readonly (readonly [string, unknown])[] => {
    const under = base[key];
    if (same(under, value)) return [];
    return [[key, isTree(under) && isTree(value) ? lessThan(under, value) : value]];
  });
  return Object.fromEntries(own);
}
