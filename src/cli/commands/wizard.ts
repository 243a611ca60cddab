import { resolve } from "node:path";
import { Refused, refuse } from "../../diagnostic/failure.js";
import { findRecipe } from "../../recipe/find.js";
import { BACK, Left } from "../../wizard/asker.js";
import { dialogue, oneBack, resumed, type Standing } from "../../wizard/dialogue.js";
import { type Drafts, draftsIn } from "../../wizard/draft.js";
import { loadBoards, loadWorld } from "../../wizard/load-world.js";
import { recipeText } from "../../wizard/recipe-text.js";
import { replay } from "../../wizard/replay.js";
import type { World } from "../../wizard/world.js";
import type { Cli, CommandBody } from "../command.js";
import { nodeFiles } from "../node-files.js";
import { placesFor } from "../plan-for.js";
import { surroundings } from "../surroundings.js";
import { askerFor } from "../wizard-asker.js";
import { endOfWizard } from "../wizard-end.js";
import { checkedRecipe, recipeFile, writeRecipe } from "../wizard-recipe.js";

type Flags = { readonly [name: string]: unknown };

/** `boardsmith wizard [RECIPE]`: questions, and a recipe of the answers. */
export const run: CommandBody = async (cli, [recipe], flags) => {
  const homes = { cwd: cli.cwd, home: cli.home };
  const files = nodeFiles();
  if (typeof flags.answers === "string") return fromFile(cli, flags.answers, flags);
  if (!cli.stdin.isTTY || !cli.stderr.isTTY) {
    throw refuse(
      "no-terminal",
      "the wizard asks on a terminal, and there is none",
      "give a file of answers: boardsmith wizard --answers FILE",
    );
  }
  const some = await loadBoards(files, homes, surroundings(cli));
  let whole: Promise<World> | undefined;
  const rest = () => {
    whole ??= loadWorld(files, homes, some);
    return whole;
  };
  const drafts = draftsIn(draftFolder(cli, flags));
  const asker = await askerFor(cli, flags);
  const editing = recipe === undefined ? undefined : await findRecipe(recipe, files, homes);
  const keep = keeper(cli, drafts);
  try {
    let standing = await beginning(asker, drafts, rest, editing);
    for (;;) {
      standing = await dialogue(asker, some, rest, standing, keep);
      const code = await endOfWizard(cli, flags, asker, standing.answers, await rest(), drafts);
      if (code !== BACK) return code;
      standing = oneBack(standing, await rest());
    }
  } catch (error) {
    if (!(error instanceof Left)) throw error;
    cli.stderr.write("\nboardsmith: left; the answers are kept, and the next `boardsmith wizard` offers them.\n");
    return 130;
  }
};

/** Where a new dialogue begins: from nothing, from a draft that somebody left, or from what led to a recipe. */
async function beginning(
  asker: Awaited<ReturnType<typeof askerFor>>,
  drafts: Drafts,
  rest: () => Promise<World>,
  editing: string | undefined,
): Promise<Standing> {
  const nothing = { answers: {}, former: {} };
  if (editing !== undefined) {
    const former = await drafts.readOf(editing);
    if (former === undefined) {
      throw refuse(
        "not-of-a-wizard",
        `${editing} was not made by a wizard on this machine, which keeps the answers and cannot read them from a recipe`,
        "edit the file itself; `boardsmith check` says what is wrong with it",
      );
    }
    return { answers: {}, former };
  }
  const draft = await drafts.read();
  if (draft === undefined) return nothing;
  const standing = resumed(draft, await rest());
  const last = Object.values(standing.answers).flat().slice(0, 3).join(", ");
  const answer = await asker.ask({
    kind: "one",
    message: `There is a draft (${last} …). Go on with it?`,
    offers: [
      { value: "on", name: "go on where it was left" },
      { value: "again", name: "begin again, with its answers as presets" },
      { value: "new", name: "throw it away" },
    ],
    preset: "on",
    objection: () => undefined,
    back: false,
  });
  if (answer === "on") return standing;
  if (answer === "again") return { answers: {}, former: draft };
  await drafts.forget();
  return nothing;
}

/** Keeps a draft after each answer. Where none can be kept, that is said once, and the wizard goes on. */
function keeper(cli: Cli, drafts: Drafts): (standing: Standing) => Promise<void> {
  let told = false;
  return async ({ former }) => {
    try {
      await drafts.keep(former);
    } catch (error) {
      if (!told) cli.stderr.write(`warning: answers cannot be kept: ${(error as Error).message}\n`);
      told = true;
    }
  };
}

async function fromFile(cli: Cli, wish: string, flags: Flags): Promise<number> {
  const files = nodeFiles();
  const homes = { cwd: cli.cwd, home: cli.home };
  const path = resolve(cli.cwd, wish);
  const text = await files.text(path);
  if (text === undefined) throw refuse("no-such-file", `no answers are at "${wish}"`, `looked for ${path}`);
  const world = await loadWorld(files, homes, await loadBoards(files, homes, surroundings(cli)));
  const { answers, diagnostics } = replay(path, text, world);
  if (answers === undefined) throw new Refused(diagnostics);
  const file = recipeFile(cli, answers);
  const made = recipeText(answers, world, file, cli.home);
  await checkedRecipe(cli, file, made);
  if (flags.print === true) {
    cli.stdout.write(made);
    return 0;
  }
  await writeRecipe(cli, file, made, flags.replace === true);
  return 0;
}

/** Beside what else is remembered of runs. */
function draftFolder(cli: Cli, flags: Flags): string {
  return `${placesFor(cli, { name: "wizard", file: "wizard" }, flags).storeRoot}/state/wizard`;
}
