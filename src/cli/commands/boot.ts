import { statSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { refuse, StepFailed } from "../../diagnostic/failure.js";
import { bootImage } from "../../emulate/boot-image.js";
import { keptCard, prepareCard, type RunScript } from "../../emulate/card.js";
import { machineArgv } from "../../emulate/machine.js";
import { servedNetwork, withServer } from "../../emulate/served.js";
import type { Engine } from "../../engine/engine.js";
import { proofLines } from "../../report/proof.js";
import { QEMU } from "../../steps/tools.js";
import { openStore } from "../../store/open.js";
import { assets } from "../assets.js";
import { type BootSubject, bootSubject } from "../boot-subject.js";
import type { Cli, CommandBody } from "../command.js";
import { loadMirrors } from "../mirrors.js";
import { obtainEngine } from "../offer-engine.js";
import { placesFor } from "../plan-for.js";

/** How many of the console's last lines a failed boot shows. */
const LAST_LINES = 20;

/** `boardsmith boot IMAGE|RECIPE`: boots an image in its board's emulator, checks it, or hands its console over. */
export const run: CommandBody = async (cli, args, flags) => {
  const subject = await bootSubject(cli, args[0] ?? "", flags);
  if (flags.write === true) mayWrite(subject, flags.interactive === true);
  if (flags.interactive === true && !subject.args.qemu) {
    throw refuse(
      "not-emulated",
      subject.args.notEmulated ?? `no emulator boots a ${subject.args.board}`,
      "write the image to a card and boot the board",
    );
  }
  if (flags.interactive === true && !(cli.stdin.isTTY && cli.stdout.isTTY)) {
    throw refuse(
      "no-terminal",
      "--interactive needs a terminal, and this is none",
      "leave --interactive out to run the proof",
    );
  }
  if (!subject.args.qemu) {
    cli.stdout.write(`not emulated: ${subject.args.notEmulated ?? `no emulator boots a ${subject.args.board}`}\n`);
    return 0;
  }
  const store = await openStore(placesFor(cli, { name: subject.args.recipe, file: subject.image }, flags).storeRoot);
  await using scratch = await store.scratch("boot");
  const engine = await obtainEngine(cli, { yes: flags.yes === true, mirrors: await loadMirrors(cli, flags) });
  await engine.ensureTool(QEMU, (line) => cli.stderr.write(`${line}\n`), cli.signal);
  const runScript = scriptRunner(cli, engine, scratch.path);
  if (flags.interactive === true) {
    return await interact(cli, subject, engine, flags.write === true ? undefined : { folder: scratch.path, runScript });
  }

  const { proof, serial } = await bootImage({
    args: subject.args,
    image: subject.image,
    ...(subject.layout === undefined ? {} : { layout: subject.layout }),
    ...(subject.served ? { served: subject.served } : {}),
    tool: QEMU,
    folder: scratch.path,
    engine: async () => engine,
    runScript,
    say: (line) => cli.stdout.write(`${line}\n`),
    signal: cli.signal,
  });
  cli.stdout.write(`${proofLines(proof).join("\n")}\n`);
  const log = `${subject.image.replace(/\.img$/, "")}.boot.serial.log`;
  await writeFile(log, serial);
  cli.stdout.write(`serial log: ${log}\n`);
  if (proof.verdict !== "failed") return 0;
  throw new StepFailed("boot", proof.summary, {
    logPath: log,
    lastLines: serial.trimEnd().split("\n").slice(-LAST_LINES),
  });
};

/** A built image is the store's own file under another name: what a board writes to it would be in every later build. */
function mayWrite({ image }: BootSubject, interactive: boolean): void {
  if (!interactive) {
    throw refuse(
      "write-alone",
      "--write is for --interactive: a proof must not change what it proves",
      "add --interactive",
    );
  }
  const { nlink, mode } = statSync(image);
  if (nlink === 1 && (mode & 0o200) !== 0) return;
  throw refuse(
    "image-of-store",
    `${image} is read-only or the store's own, and a board is to write to it`,
    "make a card of it first: cp --sparse=always --no-preserve=mode IMAGE COPY",
  );
}

/** `scratch`: for a card that forgets what is written to it; without one, the image itself is the card. */
async function interact(
  cli: Cli,
  subject: BootSubject,
  engine: Engine,
  scratch: { readonly folder: string; readonly runScript: RunScript } | undefined,
): Promise<number> {
  const { qemu, netboot } = subject.args;
  if (!qemu) return 0;
  const prepared = scratch ? await forgettingCard(subject, scratch) : await keptCard(subject.image);
  const written = scratch ? "nothing is written to the image" : "what the board writes stays in the image";
  cli.stdout.write(`the serial console is yours; Ctrl-A X ends the emulator, ${written}\n`);
  await engine.interact({
    name: "boot",
    tool: QEMU,
    argv: netboot
      ? withServer(machineArgv(qemu, prepared.card, { network: servedNetwork(netboot) }), netboot.root, false)
      : machineArgv(qemu, prepared.card, { xen: subject.args.dom0 !== undefined }),
    env: {},
    mounts: prepared.mounts.map((mount) => (scratch ? { ...mount, readOnly: true } : mount)),
    network: "none",
    caps: [],
    signal: cli.signal,
  });
  return 0;
}

async function forgettingCard(
  { image, served }: BootSubject,
  { folder, runScript }: { readonly folder: string; readonly runScript: RunScript },
) {
  const card = join(folder, "card");
  await mkdir(card, { recursive: true });
  return await prepareCard(image, card, {}, runScript, served);
}

/** Runs the proof's script as the runner would. */
function scriptRunner(cli: Cli, engine: Engine, folder: string): RunScript {
  return async (mounts, env) => {
    const file = join(folder, "step.sh");
    await writeFile(file, assets(cli.home).script("proof"), { mode: 0o555 });
    const lines: string[] = [];
    const exitCode = await engine.run({
      name: "boot",
      tool: QEMU,
      argv: ["sh", "-c", "mkdir -p /work && cd /work && exec sh -eu /step.sh"],
      env: { LC_ALL: "C.UTF-8", ...env },
      mounts: [{ source: file, target: "/step.sh", readOnly: true }, ...mounts],
      network: "none",
      caps: [],
      onLine: (line) => lines.push(line),
      signal: cli.signal,
    });
    if (exitCode !== 0) {
      throw new StepFailed("boot", "the card could not be made for the emulator", {
        exitCode,
        lastLines: lines.slice(-LAST_LINES),
      });
    }
  };
}
