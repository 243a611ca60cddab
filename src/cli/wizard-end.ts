import { shownPath } from "../diagnostic/render.js";
import { describeDisk } from "../flash/drives/describe.js";
import { judgeDisks } from "../flash/drives/judge.js";
import { readDriveFacts } from "../flash/drives/read-facts.js";
import { type Answers, word } from "../wizard/answers.js";
import { type Asked, type Asker, BACK } from "../wizard/asker.js";
import type { Drafts } from "../wizard/draft.js";
import { lineDiff } from "../wizard/line-diff.js";
import { recipeText } from "../wizard/recipe-text.js";
import type { World } from "../wizard/world.js";
import type { Cli } from "./command.js";
import { nodeFiles } from "./node-files.js";
import { checkedRecipe, recipeFile, writeRecipe } from "./wizard-recipe.js";

type Flags = { readonly [name: string]: unknown };

/** Shows the recipe, and does what is wanted with it. BACK means that somebody wants to change an answer. */
export async function endOfWizard(
  cli: Cli,
  flags: Flags,
  asker: Asker,
  answers: Answers,
  world: World,
  drafts: Drafts,
): Promise<number | typeof BACK> {
  const file = recipeFile(cli, answers);
  const text = recipeText(answers, world, file, cli.home);
  await checkedRecipe(cli, file, text);
  if (flags.print === true) {
    cli.stdout.write(text);
    await drafts.forget();
    return 0;
  }
  const shown = shownPath(file, cli.cwd);
  const before = await nodeFiles().text(file);
  asker.say(`\n${indented(concealed(text).split("\n"))}`);
  if (before !== undefined) asker.say(changes(shown, concealed(before), concealed(text)));
  const replaces = before === undefined ? "" : ` over ${shown}`;
  const then = await asker.ask(
    choice(`What now${before === undefined ? ` with ${shown}` : ""}?`, [
      { value: "save", name: `save it${replaces}` },
      { value: "build", name: `save it${replaces}, and build the image` },
      { value: "flash", name: `save it${replaces}, build the image, and flash a card` },
      { value: "leave", name: "leave it; the answers are kept" },
    ]),
  );
  if (then === BACK) return BACK;
  if (then === "leave") return 0;
  await writeRecipe(cli, file, text, before !== undefined);
  await drafts.forget();
  const name = word(answers, "name") ?? "";
  if (then === "save") {
    cli.stdout.write(`build it: boardsmith build ${name}\n`);
    return 0;
  }
  const { run: build } = await import("./commands/build.js");
  const built = await build(cli, [name], flags);
  return then === "flash" && built === 0 ? flash(cli, flags, asker, name) : built;
}

/** A password's hash goes into the file, and not over somebody's shoulder. */
function concealed(text: string): string {
  return text.replaceAll(/\$(?:\d\w?|gy|y)\$[^\s"']+/g, "$6$\u2026");
}

function changes(shown: string, before: string, text: string): string {
  return before === text
    ? `${shown} says the same already.`
    : `${shown} is there already, and would change:\n${indented(lineDiff(before, text))}`;
}

/** Asks for a drive as `boardsmith drives` lists them, and hands over to `boardsmith flash`, which has its name typed. */
async function flash(cli: Cli, flags: Flags, asker: Asker, name: string): Promise<number> {
  for (;;) {
    const disks = judgeDisks(readDriveFacts());
    const word = await asker.ask(
      choice("Onto which drive?", [
        ...disks.map((judged) => {
          const reason = judged.refusals.map(({ text }) => text).join("; ");
          const offer = { value: judged.disk.path, name: `${judged.disk.path}, ${describeDisk(judged)}` };
          return reason === "" ? offer : { ...offer, reason };
        }),
        { value: "again", name: "look again: the card is in now" },
        { value: "none", name: "none" },
      ]),
    );
    if (word === "again") continue;
    if (word === BACK || word === "none") {
      cli.stdout.write(`flash it later: boardsmith flash ${name} DRIVE\n`);
      return 0;
    }
    const { run } = await import("./commands/flash.js");
    return run(cli, [name, String(word)], flags);
  }
}

function choice(message: string, offers: Asked["offers"]): Asked {
  return { kind: "one", message, offers, objection: () => undefined, back: true };
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => (line === "" ? "" : `  ${line}`)).join("\n");
}
