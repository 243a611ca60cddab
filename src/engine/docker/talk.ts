import type { ContainerCreateOptions } from "dockerode";
import type { Job, Talk } from "../engine.js";
import { demux } from "./demux.js";
import { killOnAbort } from "./run.js";
import { type Connection, startContainer } from "./start.js";

/** Starts a container whose standard input and output the caller holds: a serial console. Output and error come as one. */
export async function talkTo(
  connection: Connection,
  options: ContainerCreateOptions,
  job: Pick<Job, "name" | "signal">,
): Promise<Talk> {
  const running = await startContainer(connection, options, `running ${job.name}`, job.signal);
  const aborted = killOnAbort(running, job.signal);
  const exitCode = Promise.race([running.exit, aborted.rejects])
    .then((code) => {
      job.signal.throwIfAborted();
      return code;
    })
    .finally(() => aborted[Symbol.dispose]());
  exitCode.catch(() => {});
  return {
    output: payloads(running.stream),
    write: (data) => {
      if (!running.stream.writableEnded && !running.stream.destroyed) running.stream.write(data);
    },
    kill: () => running.kill(),
    exitCode,
  };
}

async function* payloads(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  try {
    for await (const { data } of demux(stream)) yield data;
  } catch (error) {
    // A connection that breaks is the end of the output; exitCode tells what happened.
    if ((error as Error).message.startsWith("not Docker's")) throw error;
  }
}
