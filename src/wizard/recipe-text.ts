import { dirname, join, relative, resolve } from "node:path";
import { Provision } from "../recipe/schema/provision.js";
import { RecipeSchema } from "../recipe/schema/recipe.js";
import { type Answers, word } from "./answers.js";
import { commentsOf, descriptionOf } from "./commentary.js";
import { emit } from "./emit.js";
import { nearest } from "./nearest.js";
import { isTree, type Tree } from "./tree.js";
import { recipeOf } from "./walk.js";
import type { World } from "./world.js";

/** The text of the recipe that complete answers make, for a file at that place. `home` is boardsmith's own folder. */
export function recipeText(answers: Answers, world: World, file: string, home: string): string {
  const wanted = recipeOf(answers, world);
  const { base, own } = nearest(wanted, world.shipped);
  const from = (path: string) => relative(dirname(file), path) || ".";
  const theirs = word(answers, "kernel-file");
  const shown = (path: string) =>
    path.startsWith(`${home}/recipes/`) || (theirs !== undefined && path === resolve(world.cwd, theirs))
      ? from(path)
      : path;
  const { board, ...parts } = withPaths(own, shown) as Tree;
  const recipe = inSchemaOrder({
    description: descriptionOf(answers, wanted, world),
    extends: from(base.file),
    board: board ?? wanted.board,
    ...parts,
  });
  const schema = from(join(home, "schemas/recipe.schema.json"));
  return `# yaml-language-server: $schema=${schema}\n${emit(recipe, commentsOf(answers, recipe))}`;
}

/** The same with every absolute path as `shown` has it. */
function withPaths(value: unknown, shown: (path: string) => string): unknown {
  if (Array.isArray(value)) return value.map((one) => withPaths(one, shown));
  if (isTree(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withPaths(one, shown)]));
  }
  return typeof value === "string" && value.startsWith("/") ? shown(value) : value;
}

/** Keys in the order in which docs/recipe.md has them. */
function inSchemaOrder(recipe: Tree): Tree {
  const sorted = (tree: Tree, shape: object): Tree => {
    const order = Object.keys(shape);
    return Object.fromEntries(Object.entries(tree).sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)));
  };
  const { provision } = recipe;
  return sorted(
    { ...recipe, ...(isTree(provision) ? { provision: sorted(provision, Provision.shape) } : {}) },
    RecipeSchema.shape,
  );
}
