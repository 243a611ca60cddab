import { StepFailed } from "../../diagnostic/failure.js";
import type { ToolImage } from "../../plan/step.js";
import { moment } from "../moment.js";
import { aptScript, PACKAGE_MARK } from "./apt-script.js";
import { ensureBase, hasImage, type Making } from "./base-image.js";
import { containerOptions } from "./container.js";
import { type EngineError, lost, saidBy } from "./lost.js";
import { reapContainers } from "./reap.js";
import { follow } from "./run.js";
import { type Connection, removeContainer, startContainer } from "./start.js";
import { definition, toolTag } from "./tool-tag.js";

/** Labels of tool images; others than those of containers, which an image's containers would inherit. */
const TOOL_LABEL = "boardsmith.tool";
const VERSIONS_LABEL = "boardsmith.versions";

/** How often to look whether another process is done, ms. */
const POLL = 500;

/**
 * Makes a tool image if it is not there. The container it is made in has a fixed name, which the engine gives out once:
 * of several processes that want the same image one makes it and the others wait.
 */
export async function ensureToolImage(
  connection: Connection,
  tool: ToolImage,
  onLine: (line: string) => void,
  signal: AbortSignal,
  making: Making,
): Promise<void> {
  const tag = toolTag(tool);
  const looking = (error: unknown) => {
    throw lost(connection.endpoint, "looking for a tool image", error);
  };
  if (await hasImage(connection, tag).catch(looking)) return;
  const base = await ensureBase(connection, tool.base, onLine, signal, making).catch((error) => {
    signal.throwIfAborted();
    throw lost(connection.endpoint, `making the base of the ${tool.name} image`, error);
  });
  const name = tag.replace(/^boardsmith\//, "boardsmith-").replace(":", "-");
  for (let told = false; ; ) {
    try {
      return await make(connection, tool, base, name, onLine, signal, making);
    } catch (error) {
      if (!nameTaken((error as { cause?: EngineError }).cause)) throw error;
    }
    if (!told) onLine(`another boardsmith makes the ${tool.name} image; waiting for it`);
    told = true;
    await reapContainers(connection).catch(looking);
    await moment(POLL, signal);
    if (await hasImage(connection, tag).catch(looking)) return;
  }
}

/** By its words: Docker answers 409 to it and Podman 500, and both give these codes to much else that no waiting mends. */
function nameTaken(cause: EngineError | undefined): boolean {
  return cause?.statusCode !== undefined && /name .*is already in use/.test(saidBy(cause));
}

/** Versions of all packages in a tool image, or undefined when it is not there. */
export async function toolVersions(
  { docker }: Pick<Connection, "docker">,
  tool: ToolImage,
): Promise<{ readonly [name: string]: string } | undefined> {
  const found = await docker
    .getImage(toolTag(tool))
    .inspect()
    .catch(() => undefined);
  const text = found?.Config.Labels?.[VERSIONS_LABEL];
  return text === undefined ? undefined : (JSON.parse(text) as { [name: string]: string });
}

async function make(
  connection: Connection,
  tool: ToolImage,
  base: string,
  name: string,
  onLine: (line: string) => void,
  signal: AbortSignal,
  making: Making,
): Promise<void> {
  const { docker, endpoint } = connection;
  const argv = ["sh", "-c", aptScript(tool.packages, making.mirrors ?? [])];
  const plain = containerOptions(
    { name: `tool ${tool.name}`, argv, env: {}, mounts: [], network: "host", caps: [] },
    base,
    "none",
  );
  // It has to outlive its process until it is committed; what a killed boardsmith leaves is reaped at the next start.
  const options = { ...plain, name, HostConfig: { ...plain.HostConfig, AutoRemove: false } };
  const versions: { [name: string]: string } = {};
  const last: string[] = [];
  const take = (line: string) => {
    if (line.startsWith(PACKAGE_MARK)) {
      const [, pkg = "", version = ""] = line.split(" ");
      versions[pkg] = version;
      return;
    }
    last.push(line);
    if (last.length > 30) last.shift();
    onLine(line);
  };
  onLine(`making the ${tool.name} image: ${tool.packages.length} packages on ${base}`);
  const job = { name: `tool ${tool.name}`, onLine: take, signal };
  const running = await startContainer(connection, options, `making the ${tool.name} image`, signal);
  try {
    const code = await follow(connection, running, job);
    if (code !== 0) {
      throw new StepFailed(
        `tool:${tool.name}`,
        `the ${tool.name} image could not be made: apt ended with exit code ${code}`,
        {
          exitCode: code,
          lastLines: last,
        },
      );
    }
    await commit(connection, running.id, tool, versions).catch((error) => {
      throw lost(endpoint, `keeping the ${tool.name} image`, error);
    });
  } finally {
    await removeContainer(docker, running.id).catch(() => {});
  }
}

async function commit(
  { docker, podman }: Connection,
  id: string,
  tool: ToolImage,
  versions: { readonly [name: string]: string },
): Promise<void> {
  const [repo, tag] = toolTag(tool).split(":");
  // The body is laid over the container's own settings, which are not meant for the image: its labels would make
  // every container of the image look like a leftover of this process.
  const config = {
    Cmd: ["bash"],
    WorkingDir: "/",
    Labels: {
      boardsmith: "",
      "boardsmith.job": "",
      "boardsmith.owner": "",
      [TOOL_LABEL]: definition(tool),
      [VERSIONS_LABEL]: JSON.stringify(versions),
    },
  };
  // Podman takes no body here, but lines of a Containerfile, and a value as it stands, without quotes.
  const labels = Object.entries(config.Labels).map(([name, value]) => `LABEL ${name}=${value}`);
  const changes = podman ? { changes: ["CMD bash", ...labels] } : {};
  await docker
    .getContainer(id)
    .commit({ _query: { container: id, repo, tag, pause: false, ...changes }, _body: config });
}
