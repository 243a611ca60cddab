import { basename, join } from "node:path";
import { Refused } from "../diagnostic/failure.js";
import { extend } from "../recipe/extend.js";
import { findRecipe } from "../recipe/find.js";
import { answersOf } from "../wizard/answers-of.js";
import { type Asker, BACK } from "../wizard/asker.js";
import { dialogue, firstOffers, oneBack, rehearse, resumed, type Standing } from "../wizard/dialogue.js";
import { type Drafts, draftsIn } from "../wizard/draft.js";
import type { Begun } from "../wizard/first-question.js";
import { rememberGlance } from "../wizard/glance.js";
import { GLANCE_FILE } from "../wizard/kept-files.js";
import { loadWorld } from "../wizard/load-world.js";
import { plainTree } from "../wizard/placed-tree.js";
import type { World } from "../wizard/world.js";
import type { Cli } from "./command.js";
import { nodeFiles } from "./node-files.js";
import { surroundings } from "./surroundings.js";
import { endOfWizard } from "./wizard-end.js";

/** Everything that questions may know; the next start's first question is remembered with it. */
export async function worldAt(cli: Cli, folder: string): Promise<World> {
  const homes = { cwd: cli.cwd, home: cli.home };
  const world = await loadWorld(nodeFiles(), homes, surroundings(cli));
  rememberGlance(join(folder, GLANCE_FILE), homes, firstOffers(world));
  void rehearse(world);
  return world;
}

/** What somebody is asked in, and how it began. */
interface Visit {
  readonly asker: Asker;
  readonly folder: string;
  readonly world: World;
  readonly begun: Begun;
  /** The recipe to be changed, by name. */
  readonly recipe: string | undefined;
}

/** The dialogue from its second question to its end. Throws Left when somebody leaves. */
export async function wizardAt(
  cli: Cli,
  flags: { readonly [name: string]: unknown },
  { asker, folder, world, begun, recipe }: Visit,
): Promise<number> {
  const drafts = draftsIn(folder);
  const keep = keeper(cli, drafts);
  let standing = recipe === undefined ? await beginning(begun, drafts, world) : await changing(cli, recipe, world);
  if (Object.keys(standing.answers).length > 0) await keep(standing);
  for (;;) {
    standing = await dialogue(asker, { world, keep }, standing);
    const code = await endOfWizard(cli, flags, asker, standing.answers, world, drafts);
    if (code !== BACK) return code;
    standing = oneBack(standing, world);
  }
}

async function beginning(begun: Begun, drafts: Drafts, world: World): Promise<Standing> {
  const nothing = { answers: {}, former: {} };
  if (begun === undefined) return nothing;
  if ("board" in begun) return resumed(begun, world);
  const draft = await drafts.read();
  if (draft !== undefined && begun.draft === "on") return resumed(draft, world);
  if (draft !== undefined && begun.draft === "again") return { answers: {}, former: draft };
  await drafts.forget();
  return nothing;
}

/** The answers that lead to a recipe are the presets of another round. Throws Refused when it is none. */
async function changing(cli: Cli, recipe: string, world: World): Promise<Standing> {
  const file = await findRecipe(recipe, nodeFiles(), { cwd: cli.cwd, home: cli.home });
  const { root, diagnostics } = await extend(file, nodeFiles());
  if (root === undefined || diagnostics.some(({ severity }) => severity === "error")) throw new Refused(diagnostics);
  return { answers: {}, former: answersOf(plainTree(root), basename(file).replace(/\.ya?ml$/, ""), world) };
}

/** Keeps a draft after each answer. Where none can be kept, that is said once, and the wizard goes on. */
function keeper(cli: Cli, drafts: Drafts): (standing: Standing) => Promise<void> {
  let told = false;
  return async ({ answers, former }) => {
    try {
      await drafts.keep({ ...former, ...answers });
    } catch (error) {
      if (!told) cli.stderr.write(`warning: answers cannot be kept: ${(error as Error).message}\n`);
      told = true;
    }
  };
}
