import { Refused } from "../../diagnostic/failure.js";
import { findRecipe, listRecipes } from "../../recipe/find.js";
import { loadRecipe } from "../../recipe/load.js";
import type { Spec } from "../../recipe/spec.js";
import { columns } from "../columns.js";
import type { CommandBody } from "../command.js";
import { nodeFiles } from "../node-files.js";
import { recipeText } from "../recipe-text.js";

/** `boardsmith recipes [NAME] [--json]`: the recipes, or one resolved with its board. Password hashes are not shown. */
export const run: CommandBody = async ({ stdout, cwd, home }, [wish], { json }) => {
  if (wish === undefined) {
    const all = await listRecipes(nodeFiles(), { cwd, home });
    const loaded = await Promise.all(
      all.map(async (one) => ({ ...one, ...(await loadRecipe(one.file, nodeFiles(), { cwd, home })) })),
    );
    if (json) {
      const list = loaded.map(({ name, file, spec }) => ({
        name,
        file,
        description: spec?.description ?? null,
        board: spec?.board.name ?? null,
      }));
      stdout.write(`${JSON.stringify(list, null, 2)}\n`);
    } else {
      const broken = "has mistakes, see `boardsmith check`";
      stdout.write(
        columns(loaded.map(({ name, spec }) => [name, spec?.board.name ?? "", spec?.description ?? broken])),
      );
    }
    return 0;
  }
  const found = await findRecipe(wish, nodeFiles(), { cwd, home });
  const { spec, diagnostics } = await loadRecipe(found, nodeFiles(), { cwd, home });
  if (spec === undefined) throw new Refused(diagnostics);
  stdout.write(json ? `${JSON.stringify(withoutSecrets(spec), null, 2)}\n` : recipeText(spec, cwd));
  return 0;
};

function withoutSecrets(spec: Spec): Spec {
  const users = spec.provision.users.map((user) =>
    user.passwordHash === undefined ? user : { ...user, passwordHash: "(hidden)" },
  );
  return { ...spec, provision: { ...spec.provision, users } };
}
