import { join } from "node:path";
import { refuse } from "../../diagnostic/failure.js";
import { Left } from "../../wizard/asker.js";
import { firstQuestion } from "../../wizard/first-question.js";
import type { CommandBody } from "../command.js";
import { storeRootOf } from "../store-root.js";
import { askerFor } from "../wizard-asker.js";

/** Long enough for the first question to be drawn, ms. */
const DRAWN = 20;

/**
 * `boardsmith wizard [RECIPE]`: questions, and a recipe of the answers. What the other questions need is loaded while
 * somebody thinks about the first one.
 */
export const run: CommandBody = async (cli, [recipe], flags) => {
  if (typeof flags.answers === "string") {
    const { wizardFromFile } = await import("../wizard-from-file.js");
    return wizardFromFile(cli, flags.answers, flags);
  }
  if (!cli.stdin.isTTY || !cli.stderr.isTTY) {
    throw refuse(
      "no-terminal",
      "the wizard asks on a terminal, and there is none",
      "give a file of answers: boardsmith wizard --answers FILE",
    );
  }
  const folder = join(storeRootOf(cli, flags), "state", "wizard");
  const asker = await askerFor(cli, flags);
  try {
    const first = recipe === undefined ? firstQuestion(asker, folder, { cwd: cli.cwd, home: cli.home }) : undefined;
    const loaded = new Promise<typeof import("../wizard-at.js")>((resolve, reject) => {
      setTimeout(() => void import("../wizard-at.js").then(resolve, reject), DRAWN);
    }).then(async (module) => ({ ...module, world: await module.worldAt(cli, folder) }));
    // Looked at when the first question is answered, and not before.
    loaded.catch(() => {});
    const begun = await first;
    const { wizardAt, world } = await loaded;
    return await wizardAt(cli, flags, { asker, folder, world, begun, recipe });
  } catch (error) {
    if (!(error instanceof Left)) throw error;
    cli.stderr.write("\nboardsmith: left; the next `boardsmith wizard` offers what was answered.\n");
    return 130;
  }
};
