import { EngineLost } from "../diagnostic/failure.js";
import { hasBootstrapper } from "../engine/docker/bootstrap.js";
import { connectDocker } from "../engine/docker/connect.js";
import { findDocker, notFound, type Search } from "../engine/docker/find.js";
import { launchEngine, runCommand, USUAL_LAUNCH } from "../engine/docker/launch.js";
import { thisMachine } from "../engine/docker/machine.js";
import { aptInstall, PACKAGES, wayToEngine } from "../engine/docker/way-to-engine.js";
import type { Engine } from "../engine/engine.js";
import type { Mirror } from "../util/mirror.js";
import type { Cli } from "./command.js";

/** How an engine is obtained. */
export interface Offer {
  /** Take every offer without asking. */
  readonly yes: boolean;
  /** For tool images; see connectDocker. */
  readonly mirrors?: readonly Mirror[];
  /** The machine and the ways to start an engine; others than the real ones are for tests. */
  readonly machine?: typeof thisMachine;
  readonly launch?: typeof USUAL_LAUNCH;
}

/**
 * Finds a container engine; when none answers, offers to install and start one (asks on a terminal, `yes` takes yes).
 * Throws EngineLost with all that was tried and the exact commands when it cannot or may not.
 */
export async function obtainEngine(cli: Cli, offer: Offer): Promise<Engine> {
  const found = await findDocker(cli.env, offer.launch?.sockets);
  const search = found.endpoint ? found : await bring(cli, offer, found);
  if (!search.endpoint) throw notFound(search);
  return connectDocker(search.endpoint, {
    ...(search.version ? { version: search.version } : {}),
    ...(offer.mirrors ? { mirrors: offer.mirrors } : {}),
    obtainBootstrapper: (say) => bringBootstrapper(cli, offer, say),
  });
}

async function bring(cli: Cli, offer: Offer, search: Search): Promise<Search> {
  const machine = await (offer.machine ?? thisMachine)(cli.env);
  const way = wayToEngine(machine);
  // A place the user named is theirs to mend; one that only refuses us runs already.
  const theirs = search.attempts.some((attempt) => attempt.explicit || attempt.problem === "denied");
  if (theirs) throw notFound(search);
  if (!way.question) throw notFound(search, way.remedies);
  if (!(await agreed(cli, offer, `${notFound(search).message}\n${way.question}`))) {
    throw notFound(search, [...way.remedies, "or repeat the command with --yes, and boardsmith does it"]);
  }
  const say = (line: string) => void cli.stderr.write(`[engine] ${line}\n`);
  for (const command of way.install) await must(command, say);
  return launchEngine(machine, cli.env, say, cli.signal, offer.launch ?? USUAL_LAUNCH);
}

/**
 * No registry gives a base image and nothing on this machine makes one: installs what does, where `--yes` allows it.
 * Nobody is asked here: a step is under way, and its view has the terminal.
 */
async function bringBootstrapper(cli: Cli, offer: Offer, say: (line: string) => void): Promise<boolean> {
  const machine = await (offer.machine ?? thisMachine)(cli.env);
  if (!offer.yes || !machine.root || !machine.debianLike) return false;
  say("no registry answers, and mmdebstrap is not installed: installing it");
  for (const command of aptInstall(PACKAGES.slice(1))) await must(command, say);
  return hasBootstrapper(cli.env);
}

async function must(command: readonly string[], say: (line: string) => void): Promise<void> {
  say(command.join(" "));
  const last: string[] = [];
  const code = await runCommand(command, (line) => {
    say(line);
    last.push(line);
  });
  if (code === 0) return;
  const tail = last.slice(-10).map((line) => `  ${line}`);
  throw new EngineLost([`"${command.join(" ")}" failed with exit code ${code}:`, ...tail].join("\n"));
}

/** Asks on a terminal; without one the answer is no, since nobody is there to give another. */
async function agreed(cli: Cli, offer: Offer, question: string): Promise<boolean> {
  if (offer.yes) return true;
  if (!cli.stdin.isTTY || !cli.stderr.isTTY) return false;
  const { default: inquirer } = await import("inquirer");
  const prompt = inquirer.createPromptModule({ input: cli.stdin, output: cli.stderr as NodeJS.WriteStream });
  try {
    const answers = await prompt([{ type: "confirm", name: "agreed", message: question, default: true }]);
    return answers.agreed === true;
  } catch (error) {
    if ((error as Error).name === "ExitPromptError") return false;
    throw error;
  }
}
