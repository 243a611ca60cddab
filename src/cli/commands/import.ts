import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { stringify } from "yaml";
import type { Board } from "../../board/board.js";
import { listBoards, loadBoard } from "../../board/load.js";
import { Refused, refuse } from "../../diagnostic/failure.js";
import type { Homes } from "../../diagnostic/files.js";
import { renderDiagnostics, shownPath } from "../../diagnostic/render.js";
import { didYouMean } from "../../diagnostic/suggest.js";
import { guessBoard } from "../../import/board.js";
import { kiwiRecipe } from "../../import/kiwi-recipe.js";
import { type Chosen, choose } from "../../kiwi/chosen.js";
import { descriptionFile, type KiwiDescription, readDescription } from "../../kiwi/read-description.js";
import { below } from "../../kiwi/read-xml.js";
import type { Cli, CommandBody } from "../command.js";
import { nodeFiles } from "../node-files.js";
import { loadChecked } from "../plan-for.js";

type Flags = { readonly [name: string]: unknown };

/** `boardsmith import kiwi DIR`: a KIWI description as a recipe, and what of it a recipe cannot say. */
export const run: CommandBody = async (cli, [_kind, wish = ""], flags) => {
  const files = nodeFiles();
  const folder = resolve(cli.cwd, wish);
  const names = await files.list(folder);
  const name = descriptionFile(names);
  const text = name === undefined ? undefined : await files.text(join(folder, name));
  if (name === undefined || text === undefined) throw noDescription(wish, names);
  const { description, diagnostics } = readDescription(join(folder, name), text);
  if (description === undefined) throw new Refused(diagnostics);
  const profiles = (flags.profile as readonly string[] | undefined) ?? [];
  checkProfiles(description, profiles);
  const board = await boardFor(cli, description, profiles, flags);
  const chosen = choose(description, profiles, board.arch.rpm);
  checkBuilt(description, chosen);

  const bare = description.name.toLowerCase().replace(/[^a-z0-9._-]+/g, "-") || "imported";
  const file = resolve(cli.cwd, (flags.output as string | undefined) ?? join("recipes", `${bare}.yaml`));
  if ((await files.stat(file)) !== undefined) {
    throw refuse("file-exists", `${shownPath(file, cli.cwd)} is there already`, "name another file with --output");
  }
  const beside = { names, folder: relative(dirname(file), folder), key: "keys/opensuse.asc" };
  const { recipe, left } = kiwiRecipe(description, chosen, board, beside);
  await mkdir(dirname(file), { recursive: true });
  const written = `# From ${basename(folder)}/${name}, by boardsmith import kiwi.\n${stringify(recipe, { lineWidth: 120 })}`;
  // It may hold password hashes.
  await writeFile(file, written);
  const key = join(dirname(file), beside.key);
  if (written.includes(beside.key) && (await files.stat(key)) === undefined) {
    await mkdir(dirname(key), { recursive: true });
    await copyFile(join(cli.home, "recipes", beside.key), key);
  }
  cli.stdout.write(`wrote ${shownPath(file, cli.cwd)}, for ${board.title}\n`);
  if (left.length > 0) cli.stdout.write(`\nnot carried over, or otherwise than it was:\n`);
  for (const { what, at, why } of left) {
    cli.stdout.write(`${shownPath(at.file, cli.cwd)}:${at.line}: ${what}: ${why}\n`);
  }
  const checked = await loadChecked(cli, file);
  if (checked.spec === undefined) throw new Refused(checked.diagnostics);
  if (checked.diagnostics.length > 0) {
    cli.stderr.write(
      `${renderDiagnostics(checked.diagnostics, { colour: Boolean(cli.stderr.isTTY), cwd: cli.cwd })}\n`,
    );
  }
  return 0;
};

function noDescription(wish: string, names: readonly string[]): Refused {
  const several = names.filter((name) => name.endsWith(".kiwi"));
  const help =
    several.length > 1 ? `there are several: ${several.join(", ")}` : "one has a config.xml, or one *.kiwi file";
  return refuse("not-kiwi", `"${wish}" is no folder of a KIWI description`, help);
}

function listed(description: KiwiDescription): string {
  return description.profiles.map(({ name, title }) => `\n  ${name}${title ? `: ${title}` : ""}`).join("");
}

function checkProfiles(description: KiwiDescription, asked: readonly string[]): void {
  const known = description.profiles.map(({ name }) => name);
  const unknown = asked.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const near = known.length > 0 ? didYouMean(unknown, known) : "it has no profiles";
  const all = known.length > 1 && near?.startsWith("did you mean") ? `\nit has:${listed(description)}` : "";
  throw refuse("unknown-profile", `the description has no profile "${unknown}"`, `${near}${all}`);
}

/** What has no image type, or is not made of rpm packages, is no card's description. */
function checkBuilt(description: KiwiDescription, chosen: Chosen): void {
  const found = chosen.sections("preferences").flatMap((one) => below(one, "packagemanager"))[0];
  if (found !== undefined && !/^(zypper|dnf\d*|microdnf)$/.test(found.text)) {
    const message = `its packages are installed by ${found.text}, and recipes take descriptions of rpm packages`;
    throw new Refused([{ severity: "error", code: "not-rpm", message, at: found.at }]);
  }
  if (chosen.type !== undefined) return;
  const help = description.profiles.length > 0 ? `choose by --profile:${listed(description)}` : "it needs a <type>";
  throw refuse("choose-profile", `without a profile "${description.name}" builds no image`, help);
}

async function boardFor(
  cli: Cli,
  description: KiwiDescription,
  profiles: readonly string[],
  flags: Flags,
): Promise<Board> {
  const homes: Homes = { cwd: cli.cwd, home: cli.home };
  const load = async (name: string): Promise<Board> => {
    const { board, diagnostics } = await loadBoard(name, nodeFiles(), homes);
    if (board === undefined) throw new Refused(diagnostics);
    return board;
  };
  if (typeof flags.board === "string") return load(flags.board);
  const boards = await Promise.all((await listBoards(nodeFiles(), homes)).map(load));
  const titles = description.profiles.filter(({ name }) => profiles.includes(name)).map(({ title }) => title);
  // What was asked for speaks before the image's name.
  const guess = guessBoard([...profiles, ...titles], boards) ?? guessBoard([description.name], boards);
  if (guess !== undefined) return guess;
  const all = boards.map(({ name, title }) => `\n  ${name}: ${title}`).join("");
  throw refuse(
    "no-board",
    `nothing in "${description.name}" names a board that is known here`,
    `choose by --board:${all}`,
  );
}
