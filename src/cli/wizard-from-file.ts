import { resolve } from "node:path";
import { Refused, refuse } from "../diagnostic/failure.js";
import { loadWorld } from "../wizard/load-world.js";
import { recipeText } from "../wizard/recipe-text.js";
import { replay } from "../wizard/replay.js";
import type { Cli } from "./command.js";
import { nodeFiles } from "./node-files.js";
import { surroundings } from "./surroundings.js";
import { checkedRecipe, recipeFile, writeRecipe } from "./wizard-recipe.js";

/** `boardsmith wizard --answers FILE`: the recipe of a file's answers, without a terminal. */
export async function wizardFromFile(
  cli: Cli,
  wish: string,
  flags: { readonly [name: string]: unknown },
): Promise<number> {
  const files = nodeFiles();
  const path = resolve(cli.cwd, wish);
  const text = await files.text(path);
  if (text === undefined) throw refuse("no-such-file", `no answers are at "${wish}"`, `looked for ${path}`);
  const world = await loadWorld(files, { cwd: cli.cwd, home: cli.home }, surroundings(cli));
  const { answers, diagnostics } = replay(path, text, world);
  if (answers === undefined) throw new Refused(diagnostics);
  const file = recipeFile(cli, answers);
  const made = recipeText(answers, world, file, cli.home);
  await checkedRecipe(cli, file, made);
  if (flags.print === true) cli.stdout.write(made);
  else await writeRecipe(cli, file, made, flags.replace === true);
  return 0;
}
