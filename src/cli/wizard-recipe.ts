import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Refused, refuse } from "../diagnostic/failure.js";
import { shownPath } from "../diagnostic/render.js";
import { type Answers, word } from "../wizard/answers.js";
import { withFile } from "../wizard/with-file.js";
import type { Cli } from "./command.js";
import { nodeFiles } from "./node-files.js";
import { loadChecked } from "./plan-for.js";

/** `recipes/NAME.yaml` of the folder one is in. */
export function recipeFile(cli: Cli, answers: Answers): string {
  return join(cli.cwd, "recipes", `${word(answers, "name")}.yaml`);
}

/** Holds a recipe against all that `boardsmith check` knows before it is a file; throws Refused with its mistakes. */
export async function checkedRecipe(cli: Cli, file: string, text: string): Promise<void> {
  const { spec, diagnostics } = await loadChecked(cli, file, withFile(nodeFiles(), file, text));
  if (spec === undefined) throw new Refused(diagnostics);
}

/** Writes it, over another one only where that is wanted. Throws Refused when it cannot. */
export async function writeRecipe(cli: Cli, file: string, text: string, replace: boolean): Promise<void> {
  const shown = shownPath(file, cli.cwd);
  const unwritable = ({ message }: Error) =>
    refuse("cannot-write", `${shown} cannot be written: ${message}`, "run it in a folder of yours");
  await mkdir(dirname(file), { recursive: true }).catch((error: Error) => {
    throw unwritable(error);
  });
  await writeFile(file, text, { flag: replace ? "w" : "wx" }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw unwritable(error);
    throw refuse("file-exists", `${shown} is there already`, "give another name, or say --replace");
  });
  cli.stdout.write(`wrote ${shown}\n`);
}
