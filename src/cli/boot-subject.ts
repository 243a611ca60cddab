import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { listBoards, loadBoard } from "../board/load.js";
import { Refused, refuse } from "../diagnostic/failure.js";
import { renderDiagnostics } from "../diagnostic/render.js";
import type { Served } from "../emulate/served.js";
import { Proof } from "../recipe/schema/proof.js";
import { emulationOf, NFS_PROGRAMS, type ProofArgs, proofArgs } from "../steps/proof.js";
import type { Cli } from "./command.js";
import { checkImageDram } from "./image-dram.js";
import { nodeFiles } from "./node-files.js";
import { loadSpec, placesFor } from "./plan-for.js";

type Flags = { readonly [name: string]: unknown };

/** An image to boot and what is known of it. Paths are absolute. */
export interface BootSubject {
  readonly args: ProofArgs;
  readonly image: string;
  readonly layout?: string;
  /** What a board that boots over the network gets from servers. */
  readonly served?: Served;
}

/** Finds what `boardsmith boot WHAT` means: an image file with --board, or a recipe's newest image. Throws Refused. */
export async function bootSubject(cli: Cli, what: string, flags: Flags): Promise<BootSubject> {
  const file = resolve(cli.cwd, what);
  const isFile = existsSync(file) && statSync(file).isFile();
  return isFile && !/\.ya?ml$/.test(what) ? await imageFile(cli, file, flags) : await newestImage(cli, what, flags);
}

async function newestImage(cli: Cli, recipe: string, flags: Flags): Promise<BootSubject> {
  const spec = await loadSpec(cli, recipe);
  const { outDir } = placesFor(cli, spec, flags);
  if (flags.board !== undefined && flags.board !== spec.board.name) {
    throw refuse(
      "board-of-recipe",
      `${spec.name} is for the board ${spec.board.name}, not ${flags.board}`,
      "leave --board out, or name an image file",
    );
  }
  const image = join(outDir, `${spec.name}.img`);
  if (!existsSync(image)) {
    throw refuse("no-image", `${spec.name} has no image yet (${image})`, `run "boardsmith build ${recipe}" first`);
  }
  return { args: proofArgs(spec), image, ...layoutBeside(image), ...(spec.netboot ? servedBeside(cli, image) : {}) };
}

/** The two tars that a build for a server leaves beside the card. */
function servedBeside(cli: Cli, image: string): { readonly served: Served } {
  const beside = (end: string): string => image.replace(/\.img$/, end);
  const [tftp, root] = [beside(".tftp.tar"), beside(".nfsroot.tar")];
  for (const file of [tftp, root]) {
    if (!existsSync(file)) throw refuse("no-image", `${file} is not there`, "build the recipe again");
  }
  const programs = Object.fromEntries(NFS_PROGRAMS.map((name) => [name, join(cli.home, "src/emulate/nfs", name)]));
  return { served: { tftp, root, programs } };
}

async function imageFile(cli: Cli, image: string, flags: Flags): Promise<BootSubject> {
  if (/\.(?:xz|zst|gz|bz2)$/.test(image)) {
    throw refuse("compressed-image", `${image} is compressed`, "unpack it first: an emulator reads the bare image");
  }
  if (typeof flags.board !== "string") {
    const known = await listBoards(nodeFiles(), cli);
    throw refuse("no-board", `which board is ${basename(image)} for?`, `name it with --board: ${known.join(", ")}`);
  }
  const { board, diagnostics } = await loadBoard(flags.board, nodeFiles(), cli);
  const all = board ? [...diagnostics, ...checkImageDram(image, board)] : diagnostics;
  if (!board || all.some(({ severity }) => severity === "error")) throw new Refused(all);
  if (all.length > 0) cli.stderr.write(`${renderDiagnostics(all, { cwd: cli.cwd })}\n`);
  const args: ProofArgs = {
    recipe: basename(image).replace(/\.img$/, ""),
    board: board.name,
    qemu: emulationOf(board),
    access: "password",
    grows: false,
    lvm: false,
    lvmTools: false,
    elsewhere: [],
    checks: [],
    timeouts: Proof.parse({}).timeouts,
  };
  const beside = layoutBeside(image);
  if (beside.layout === undefined && args.qemu?.until === "login" && flags.interactive !== true) {
    const name = `${basename(image).replace(/\.img$/, "")}.layout.json`;
    throw refuse(
      "no-layout",
      `${image} has no layout file beside it, so its root file system cannot be found`,
      `keep ${name} beside the image, or boot it with --interactive`,
    );
  }
  return { args, image, ...beside };
}

function layoutBeside(image: string): { readonly layout?: string } {
  const layout = join(dirname(image), `${basename(image).replace(/\.img$/, "")}.layout.json`);
  return existsSync(layout) ? { layout } : {};
}
