import type { Board } from "../board/board.js";
import { listBoards, loadBoard } from "../board/load.js";
import { boardSchema, boardsReference, modelSchema, socSchema } from "../board/reference.js";
import { Refused } from "../diagnostic/failure.js";
import { schemaFile } from "../diagnostic/reference.js";
import { kiwiFolder } from "../obs/kiwi-folder.js";
import { listRecipes } from "../recipe/find.js";
import { loadRecipe } from "../recipe/load.js";
import { recipeReference, recipeSchema } from "../recipe/reference.js";
import { assets, imageFile } from "./assets.js";
import { nodeFiles } from "./node-files.js";

/** Every checked-in file that is made from schemas, boards and recipes, with the text it must have; `example` is a recipe's text. */
export async function generated(home: string, example: string): Promise<readonly { path: string; text: string }[]> {
  const homes = { cwd: home, home };
  const boards: Board[] = [];
  for (const name of await listBoards(nodeFiles(), homes)) {
    const { board, diagnostics } = await loadBoard(name, nodeFiles(), homes);
    if (board === undefined) throw new Refused(diagnostics);
    boards.push(board);
  }
  return [
    { path: "schemas/recipe.schema.json", text: schemaFile(recipeSchema()) },
    { path: "schemas/board.schema.json", text: schemaFile(boardSchema()) },
    { path: "schemas/soc.schema.json", text: schemaFile(socSchema()) },
    { path: "schemas/model.schema.json", text: schemaFile(modelSchema()) },
    { path: "docs/recipe.md", text: recipeReference(example) },
    { path: "docs/boards.md", text: boardsReference(boards) },
    ...(await kiwiFolders(home)),
  ];
}

/** kiwi/: every shipped recipe of rpm packages as a KIWI description. */
async function kiwiFolders(home: string): Promise<readonly { path: string; text: string }[]> {
  const homes = { cwd: home, home };
  const found: { path: string; text: string }[] = [];
  for (const { name, file } of await listRecipes(nodeFiles(), homes)) {
    // Of the past, kept to be looked at.
    if (name.includes("/")) continue;
    const { spec, diagnostics } = await loadRecipe(file, nodeFiles(), homes);
    if (spec === undefined) throw new Refused(diagnostics);
    if (spec.rootfs.kind !== "rpm" || spec.rootfs.kiwi !== undefined) continue;
    found.push(
      ...kiwiFolder(spec, imageFile(home)).map((one) => ({ path: `kiwi/${name}/${one.path}`, text: one.text })),
    );
  }
  return [{ path: "kiwi/preflight.sh", text: assets(home).text("steps/kiwi-preflight.sh") }, ...found];
}
