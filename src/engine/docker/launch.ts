import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { EngineLost } from "../../diagnostic/failure.js";
import { LineSplitter } from "../line-splitter.js";
import { moment } from "../moment.js";
import { findDocker, type Search } from "./find.js";
import type { Machine } from "./machine.js";

/** How to start an engine and where to look for it; other values than the usual ones are for tests. */
export interface Launch {
  /** The daemon's command, for machines where nothing starts services. */
  readonly daemon: readonly string[];
  /** File that takes what the daemon says. */
  readonly log: string;
  readonly sockets?: readonly string[];
  /** How long it may take until it answers, ms. */
  readonly patience: number;
}

export const USUAL_LAUNCH: Launch = { daemon: ["dockerd"], log: "/var/log/boardsmith-dockerd.log", patience: 60_000 };

/** Starts the installed Docker through what starts services here, else by itself, and waits until it answers. */
export async function launchEngine(
  machine: Pick<Machine, "services">,
  env: { readonly [name: string]: string | undefined },
  say: (line: string) => void,
  signal: AbortSignal,
  launch: Launch = USUAL_LAUNCH,
): Promise<Search> {
  const service = {
    systemd: ["systemctl", "start", "docker"],
    scripts: ["service", "docker", "start"],
    none: undefined,
  };
  const command = service[machine.services];
  if (command) {
    say(`starting Docker: ${command.join(" ")}`);
    const code = await runCommand(command, say).catch(() => 127);
    const search = code === 0 ? await answering(env, launch, launch.patience / 2, signal) : undefined;
    if (search?.endpoint) return search;
    say(code === 0 ? "it does not answer" : `that failed with exit code ${code}`);
  }
  say(`starting Docker: ${launch.daemon.join(" ")}   (its log: ${launch.log})`);
  const daemon = startDetached(launch.daemon, launch.log);
  const search = await answering(env, launch, launch.patience, signal, daemon.ended);
  if (search.endpoint) return search;
  const log = await readFile(launch.log, "utf8").catch(() => "");
  const last = log.trimEnd().split("\n").slice(-8);
  const message = [`Docker was started but does not answer; the end of ${launch.log}:`, ...last.map((l) => `  ${l}`)];
  throw new EngineLost(message.join("\n"), [
    "mend what the log complains about, start Docker, then repeat the command",
  ]);
}

/** Runs a command with its lines passed on; gives its exit code. */
export function runCommand(command: readonly string[], say: (line: string) => void): Promise<number> {
  const [program = "", ...args] = command;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env });
  const outs = [child.stdout, child.stderr].map((stream) => {
    const lines = new LineSplitter(say);
    stream.on("data", (chunk: Buffer) => lines.write(chunk));
    return lines;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    // Not "close": a service's daemon may keep our pipe open for as long as it runs.
    child.once("exit", (code) => {
      setImmediate(() => {
        for (const lines of outs) lines.end();
        child.stdout.destroy();
        child.stderr.destroy();
        resolve(code ?? 128);
      });
    });
  });
}

function startDetached(command: readonly string[], log: string): { readonly ended: () => boolean } {
  const [program = "", ...args] = command;
  const file = openSync(log, "a");
  let ended = false;
  const child = spawn(program, args, { stdio: ["ignore", file, file], detached: true, cwd: "/" });
  child.once("error", () => {
    ended = true;
  });
  child.once("exit", () => {
    ended = true;
  });
  child.unref();
  closeSync(file);
  return { ended: () => ended };
}

async function answering(
  env: { readonly [name: string]: string | undefined },
  launch: Launch,
  patience: number,
  signal: AbortSignal,
  ended: () => boolean = () => false,
): Promise<Search> {
  for (const until = Date.now() + patience; ; ) {
    const over = ended() || Date.now() > until;
    const search = await findDocker(env, launch.sockets);
    if (search.endpoint || over) return search;
    await moment(200, signal);
  }
}
