import type { ContainerCreateOptions } from "dockerode";
import { EngineLost } from "../../diagnostic/failure.js";
import type { Job } from "../engine.js";
import { LineSplitter } from "../line-splitter.js";
import { demux } from "./demux.js";
import { ping } from "./find.js";
import { lost } from "./lost.js";
import { type Connection, type Running, startContainer } from "./start.js";

/** How long an aborted job's container may take to go before we stop waiting for it, ms; it goes on dying without us. */
const PATIENCE = 2500;
/** Exit code of what got a SIGKILL. */
const KILLED = 137;
/** How soon after its last container an engine that shuts down stops answering, ms. */
const SHUTDOWN = 1500;

/** Runs a container to its end, passing on its lines, and gives its exit code. Aborting kills it and rejects with the reason. */
export async function runContainer(
  connection: Connection,
  options: ContainerCreateOptions,
  job: Pick<Job, "name" | "onLine" | "signal">,
): Promise<number> {
  return follow(connection, await startContainer(connection, options, `running ${job.name}`, job.signal), job);
}

/** The same for a container that has been started. */
export async function follow(
  connection: Connection,
  running: Running,
  job: Pick<Job, "name" | "onLine" | "signal">,
): Promise<number> {
  const aborted = killOnAbort(running, job.signal);
  try {
    await Promise.race([passLines(running, job.onLine), aborted.rejects]);
    const code = await Promise.race([running.exit, aborted.rejects]);
    // The end that our own killing brought is no result.
    job.signal.throwIfAborted();
    if (code === KILLED) await stillThere(connection, job);
    return code;
  } catch (error) {
    job.signal.throwIfAborted();
    if (error instanceof EngineLost) throw error;
    // A broken stream and a broken wait come together: the wait knows why.
    await running.kill().catch(() => {});
    await running.exit;
    // Without a system's error code it is no broken stream: whoever takes the lines threw.
    if (!(error as NodeJS.ErrnoException).code) throw error;
    throw lost(connection.endpoint, `running ${job.name}`, error);
  } finally {
    aborted[Symbol.dispose]();
    running.stream.destroy();
  }
}

/** An engine that shuts down in good order kills its containers first: then the job has not failed, its place has. */
async function stillThere({ endpoint }: Connection, job: Pick<Job, "name">): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, SHUTDOWN));
  await ping(endpoint, PATIENCE).catch((error) => {
    throw lost(endpoint, `running ${job.name}`, error);
  });
}

/** Kills the container when the signal fires; `rejects` then rejects with the reason as soon as the container is gone. */
export function killOnAbort(running: Running, signal: AbortSignal): { rejects: Promise<never> } & Disposable {
  const { promise: rejects, reject } = withReject();
  const kill = () => {
    const patience = new Promise<void>((resolve) => setTimeout(resolve, PATIENCE).unref());
    Promise.race([running.kill(), patience])
      .catch(() => {})
      .finally(() => reject(signal.reason));
  };
  if (signal.aborted) kill();
  else signal.addEventListener("abort", kill, { once: true });
  return { rejects, [Symbol.dispose]: () => signal.removeEventListener("abort", kill) };
}

async function passLines(running: Running, onLine: Job["onLine"]): Promise<void> {
  const lines = {
    stdout: new LineSplitter((line) => onLine(line, "stdout")),
    stderr: new LineSplitter((line) => onLine(line, "stderr")),
  };
  for await (const { stream, data } of demux(running.stream)) lines[stream].write(data);
  lines.stdout.end();
  lines.stderr.end();
}

function withReject(): { promise: Promise<never>; reject: (reason: unknown) => void } {
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<never>((_, no) => {
    reject = no;
  });
  promise.catch(() => {});
  return { promise, reject };
}
