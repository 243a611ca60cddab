import { listBoards, loadBoard } from "../../board/load.js";
import type { Diagnostic } from "../../diagnostic/diagnostic.js";
import { Refused } from "../../diagnostic/failure.js";
import { renderDiagnostics, shownPath } from "../../diagnostic/render.js";
import { findRecipe, listRecipes } from "../../recipe/find.js";
import type { CommandBody } from "../command.js";
import { nodeFiles } from "../node-files.js";
import { loadChecked } from "../plan-for.js";

/** `boardsmith check [RECIPE…]`: every mistake of the recipes named, or of all recipes and boards. Starts nothing. */
export const run: CommandBody = async ({ stdout, stderr, cwd, home }, wishes) => {
  const diagnostics: Diagnostic[] = [];
  const good: string[] = [];
  const files: string[] = [];
  for (const wish of wishes) {
    try {
      files.push(await findRecipe(wish, nodeFiles(), { cwd, home }));
    } catch (error) {
      // One name that is wrong must not hide the mistakes of the others.
      if (!(error instanceof Refused)) throw error;
      diagnostics.push(...error.diagnostics);
    }
  }
  if (wishes.length === 0) {
    files.push(...(await listRecipes(nodeFiles(), { cwd, home })).map((recipe) => recipe.file));
    for (const name of await listBoards(nodeFiles(), { cwd, home })) {
      const loaded = await loadBoard(name, nodeFiles(), { cwd, home });
      diagnostics.push(...loaded.diagnostics);
      if (loaded.board) good.push(`board ${name}: ok`);
    }
  }
  for (const file of files) {
    const loaded = await loadChecked({ cwd, home }, file);
    diagnostics.push(...loaded.diagnostics);
    if (loaded.spec) good.push(`${shownPath(file, cwd)}: ok`);
  }
  stdout.write(good.map((line) => `${line}\n`).join(""));
  const unique = distinct(diagnostics);
  if (unique.some((d) => d.severity === "error")) throw new Refused(unique);
  if (unique.length > 0) {
    const columns = stderr.columns === undefined ? {} : { columns: stderr.columns };
    stderr.write(`${renderDiagnostics(unique, { cwd, colour: stderr.isTTY === true, ...columns })}\n`);
  }
  return 0;
};

/** A mistake in a file that several recipes extend is said once. */
function distinct(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter((d) => {
    const key = JSON.stringify([d.code, d.message, d.at]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
