import type { ToolImage } from "../../plan/step.js";
import type { Engine, Job } from "../engine.js";
import { hasImage, type Making } from "./base-image.js";
import { containerOptions, type Input } from "./container.js";
import type { Endpoint } from "./endpoint.js";
import { ping } from "./find.js";
import { interactWith, type Terminal } from "./interact.js";
import { lost } from "./lost.js";
import { reapContainers } from "./reap.js";
import { runContainer } from "./run.js";
import type { Connection } from "./start.js";
import { talkTo } from "./talk.js";
import { ensureToolImage, toolVersions } from "./tool-image.js";
import { toolTag } from "./tool-tag.js";

/** How long an engine may take to say what it is, ms. */
const PATIENCE = 3000;

/** How an engine is to be used beyond its address. */
export interface DockerOptions extends Making {
  /** For people: `Docker 20.10.24`. */
  readonly version?: string;
  /** The user's terminal, for interact(); by default the process's own. */
  readonly terminal?: Terminal;
}

/** Docker (or what speaks its API) as an engine: one container per job, gone when the job or this process is. */
export async function connectDocker(endpoint: Endpoint, options: DockerOptions = {}): Promise<Engine> {
  const version = options.version ?? (await ping(endpoint, PATIENCE).catch(() => "Docker"));
  const connection = await openConnection(endpoint, version);
  const asked = (job: Omit<Job, "onLine">, input: Input) => containerOptions(job, toolTag(job.tool), input);
  const telling = <T>(doing: string, answer: Promise<T>) =>
    answer.catch((error: unknown) => {
      throw lost(endpoint, doing, error);
    });
  return {
    name: `${version} at ${endpoint.uri}`,
    hasTool: (tool) => telling("looking for a tool image", hasImage(connection, toolTag(tool))),
    ensureTool: (tool, onLine, signal) => ensureToolImage(connection, tool, onLine, signal, options),
    toolVersions: (tool: ToolImage) => toolVersions(connection, tool),
    run: (job) => runContainer(connection, asked(job, "none"), job),
    talk: (job) => talkTo(connection, asked(job, "talk"), job),
    interact: (job) => interactWith(connection, asked(job, "terminal"), job, options.terminal ?? process),
    reap: () => telling("looking for leftovers", reapContainers(connection)),
    close: async () => {},
  };
}

/** Loads the client library only now: it takes longer to load than most commands to run. */
export async function openConnection(endpoint: Endpoint, version: string): Promise<Connection> {
  const { default: Docker } = await import("dockerode");
  return { docker: new Docker({ socketPath: endpoint.socketPath }), endpoint, podman: version.startsWith("Podman") };
}
