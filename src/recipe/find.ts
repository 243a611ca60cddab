import { basename, join, resolve } from "node:path";
import { refuse } from "../diagnostic/failure.js";
import type { Files, Homes } from "../diagnostic/files.js";
import { didYouMean } from "../diagnostic/suggest.js";

/** A recipe's name and its absolute path. */
export interface Found {
  readonly name: string;
  readonly file: string;
}

/** Recipes of systems that are no more, listed as `history/NAME`. Other folders hold parts of recipes. */
const HISTORY = "history";

/** Every recipe of `cwd`/recipes and, where that has none of the name, of boardsmith's own, sorted by name. */
export async function listRecipes(files: Files, { cwd, home }: Homes): Promise<readonly Found[]> {
  const found = new Map<string, Found>();
  for (const root of new Set([join(cwd, "recipes"), join(home, "recipes")])) {
    for (const folder of ["", HISTORY]) {
      for (const file of await files.list(join(root, folder))) {
        if (!file.endsWith(".yaml") || file.endsWith(".lock.yaml")) continue;
        const name = `${folder && `${folder}/`}${basename(file, ".yaml")}`;
        if (!found.has(name)) found.set(name, { name, file: join(root, folder, file) });
      }
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The absolute path of a recipe given by name (`cubieboard`, `history/opensuse-12.2-mk802`) or by path (`./mine.yaml`: anything
 * else with a slash, or ending in .yaml). Throws Refused when there is none.
 */
export async function findRecipe(wish: string, files: Files, homes: Homes): Promise<string> {
  const old = wish.startsWith(`${HISTORY}/`) && !/\.ya?ml$/.test(wish);
  if (!old && (wish.includes("/") || /\.ya?ml$/.test(wish))) {
    const file = resolve(homes.cwd, wish);
    if ((await files.stat(file)) === "file") return file;
    throw refuse("no-such-file", `no recipe is at "${wish}"`, `looked for ${file}`);
  }
  const all = await listRecipes(files, homes);
  const found = all.find((recipe) => recipe.name === wish);
  if (found) return found.file;
  const names = all.map((recipe) => recipe.name);
  throw refuse("unknown-recipe", `no recipe is named "${wish}"`, didYouMean(wish, names) ?? "`recipes/` is empty");
}
