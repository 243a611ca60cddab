import type { Duplex } from "node:stream";
import type { ContainerCreateOptions } from "dockerode";
import { refuse } from "../../diagnostic/failure.js";
import type { Job } from "../engine.js";
import { WATCH } from "./container.js";
import { lost } from "./lost.js";
import { hijack } from "./request.js";
import { killOnAbort } from "./run.js";
import { type Connection, startContainer } from "./start.js";

/** The user's terminal. */
export interface Terminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
}

/** Runs a container on the user's own terminal and gives its exit code. Refuses when there is no terminal. */
export async function interactWith(
  connection: Connection,
  options: ContainerCreateOptions,
  job: Pick<Job, "name" | "signal">,
  terminal: Terminal,
): Promise<number> {
  const { stdin, stdout } = terminal;
  if (!stdin.isTTY || !stdout.isTTY) {
    throw refuse("no-terminal", `${job.name} needs a terminal, and this is none`, "run it from an interactive shell");
  }
  const doing = `running ${job.name}`;
  const size = { ConsoleSize: [stdout.rows, stdout.columns] };
  const sized = { ...options, HostConfig: { ...options.HostConfig, ...size } };
  const running = await startContainer(connection, sized, doing, job.signal);
  const aborted = killOnAbort(running, job.signal);
  const container = connection.docker.getContainer(running.id);
  // Before 24 the engine ignores ConsoleSize; a resize right after the start may come too early, so it is said again when the job first speaks.
  const resize = () => void container.resize({ h: stdout.rows, w: stdout.columns }).catch(() => {});
  let watcher: Duplex | undefined;
  const forward = (chunk: Buffer) => void running.stream.write(chunk);
  try {
    resize();
    watcher = await startWatcher(connection, running.id).catch(() => undefined);
    running.stream.once("data", resize);
    stdout.on("resize", resize);
    running.stream.pipe(stdout, { end: false });
    stdin.setRawMode(true);
    stdin.on("data", forward).resume();
    const ended = new Promise<void>((resolve) => running.stream.once("close", resolve));
    const code = await Promise.race([running.exit, aborted.rejects]);
    await Promise.race([ended, aborted.rejects]);
    job.signal.throwIfAborted();
    return code;
  } catch (error) {
    job.signal.throwIfAborted();
    throw lost(connection.endpoint, doing, error);
  } finally {
    aborted[Symbol.dispose]();
    stdout.off("resize", resize);
    stdin.off("data", forward).pause();
    stdin.setRawMode(false);
    running.stream.unpipe(stdout);
    running.stream.destroy();
    watcher?.destroy();
  }
}

/** Starts the process that ends the container when our connection to it breaks. The job may end before it is up. */
async function startWatcher({ docker, endpoint }: Connection, id: string): Promise<Duplex> {
  const exec = await docker.getContainer(id).exec({ Cmd: [...WATCH], AttachStdin: true });
  return hijack(endpoint.socketPath, `/exec/${exec.id}/start`, { Detach: false, Tty: false });
}
