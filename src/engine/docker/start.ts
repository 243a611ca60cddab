import { randomBytes } from "node:crypto";
import { access } from "node:fs/promises";
import type { Duplex } from "node:stream";
import type Docker from "dockerode";
import type { ContainerCreateOptions } from "dockerode";
import { EngineLost } from "../../diagnostic/failure.js";
import type { Endpoint } from "./endpoint.js";
import { type EngineError, lost, saidBy } from "./lost.js";
import { hijack, open, text } from "./request.js";

/** How long an engine may take to confirm that it watches for the end, ms; some (Podman) confirm only at the end itself. */
const CONFIRM = 2000;
/** How long output may stay open without a word after a container has ended, ms. */
const LINGER = 10_000;

/** A container that runs, with its standard streams. */
export interface Running {
  readonly id: string;
  /** Output of the container (in Docker's frames, unless on a terminal) and its standard input. */
  readonly stream: Duplex;
  /** The exit code, once the container is gone. Rejects with EngineLost when the engine goes away. */
  readonly exit: Promise<number>;
  /** Kills the container and waits until it is gone. */
  kill(): Promise<void>;
}

/** A docker client and where it talks to. */
export interface Connection {
  readonly docker: Docker;
  readonly endpoint: Endpoint;
  /** Podman speaks Docker's API with an accent of its own. */
  readonly podman: boolean;
}

/**
 * Creates, attaches, then starts, in this order: no output and no exit code can be missed, though the container removes itself.
 * With `keep` (AutoRemove off) the container stays when it has ended.
 */
export async function startContainer(
  { docker, endpoint, podman }: Connection,
  options: ContainerCreateOptions,
  doing: string,
  signal: AbortSignal,
): Promise<Running> {
  signal.throwIfAborted();
  await checkSources(options, doing);
  let id: string | undefined;
  let stream: Duplex | undefined;
  try {
    const container = await docker.createContainer({ name: freshName(options), ...options });
    id = container.id;
    signal.throwIfAborted();
    const path = `/containers/${id}`;
    stream = await hijack(endpoint.socketPath, `${path}/attach?stream=1&stdin=1&stdout=1&stderr=1`);
    // Podman forgets the exit code with the container: every job would seem to end well.
    const condition = options.HostConfig?.AutoRemove && !podman ? "removed" : "next-exit";
    const waiting = open(endpoint.socketPath, "POST", `${path}/wait?condition=${condition}`);
    const exit = exitCode(waiting, stream, doing, endpoint);
    await Promise.race([waiting, delay(CONFIRM)]);
    signal.throwIfAborted();
    await container.start();
    const kill = async () => {
      stream?.end();
      await container.kill().catch((error: EngineError) => {
        // Podman's 500 for one that has stopped already.
        if (!/container state improper/.test(saidBy(error))) tolerate(404, 409)(error);
      });
      await exit;
    };
    return { id, stream, exit, kill };
  } catch (error) {
    stream?.destroy();
    if (id !== undefined) await removeContainer(docker, id).catch(() => {});
    signal.throwIfAborted();
    throw lost(endpoint, doing, error);
  }
}

/** Docker refuses a mount whose source is not there; Podman makes a folder of that name. */
async function checkSources({ HostConfig }: ContainerCreateOptions, doing: string): Promise<void> {
  for (const { Source } of HostConfig?.Mounts ?? []) {
    await access(Source).catch((cause) => {
      throw new EngineLost(`${doing} needs ${Source}, which is not there`, [], cause);
    });
  }
}

/** For `docker ps`: `boardsmith-kernel-3fa81c`. */
function freshName(options: ContainerCreateOptions): string {
  const job = (options.Labels?.["boardsmith.job"] ?? "job").replace(/[^\w.-]+/g, "-");
  return `boardsmith-${job}-${randomBytes(3).toString("hex")}`;
}

/** Removes a container, running or not; one that is gone or going is fine. */
export async function removeContainer(docker: Docker, id: string): Promise<void> {
  await docker.getContainer(id).remove({ force: true, v: true }).catch(tolerate(404, 409));
}

/** For `catch`: lets the given HTTP codes pass. */
export function tolerate(...codes: readonly number[]): (error: EngineError) => void {
  return (error) => {
    if (!codes.includes(error.statusCode ?? 0)) throw error;
  };
}

function exitCode(
  waiting: Promise<Parameters<typeof text>[0]>,
  stream: Duplex,
  doing: string,
  endpoint: Endpoint,
): Promise<number> {
  const exit = (async () => {
    try {
      const said = JSON.parse(await text(await waiting)) as { StatusCode: number; Error?: { Message?: string } | null };
      if (said.Error?.Message) throw new Error(said.Error.Message);
      closeIdle(stream);
      return said.StatusCode;
    } catch (error) {
      // Without an engine the stream may never end by itself.
      stream.destroy();
      throw lost(endpoint, doing, error instanceof SyntaxError ? undefined : error);
    }
  })();
  exit.catch(() => {});
  return exit;
}

/** After the end all output is on its way; an engine that forgets to close the stream must not hold us up for ever. */
function closeIdle(stream: Duplex): void {
  if (stream.destroyed || stream.readableEnded) return;
  let seen = -1;
  const timer = setInterval(() => {
    const read = (stream as Duplex & { bytesRead?: number }).bytesRead ?? 0;
    if (read === seen) stream.destroy();
    seen = read;
  }, LINGER);
  timer.unref();
  stream.once("close", () => clearInterval(timer));
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
