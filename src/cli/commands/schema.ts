import { boardSchema, socSchema } from "../../board/reference.js";
import { refuse } from "../../diagnostic/failure.js";
import { schemaFile } from "../../diagnostic/reference.js";
import { didYouMean } from "../../diagnostic/suggest.js";
import { recipeSchema } from "../../recipe/reference.js";
import type { CommandBody } from "../command.js";

const SCHEMAS = { recipe: recipeSchema, board: boardSchema, soc: socSchema } as const;

/** `boardsmith schema [recipe|board|soc]`: the JSON Schema for editors, on stdout. */
export const run: CommandBody = async ({ stdout }, [name = "recipe"]) => {
  const made = Object.entries(SCHEMAS).find(([known]) => known === name)?.[1];
  if (made === undefined) {
    throw refuse("unknown-schema", `there is no schema of "${name}"`, didYouMean(name, Object.keys(SCHEMAS)));
  }
  stdout.write(schemaFile(made()));
  return 0;
};
