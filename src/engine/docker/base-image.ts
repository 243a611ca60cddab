import { EngineLost } from "../../diagnostic/failure.js";
import type { ToolImage } from "../../plan/step.js";
import type { Mirror } from "../../util/mirror.js";
import { BOOTSTRAPPER_REMEDIES, bootstrapBase, hasBootstrapper } from "./bootstrap.js";
import { progress } from "./progress.js";
import { type Connection, tolerate } from "./start.js";
import { baseTag } from "./tool-tag.js";

/** How images are made beyond what they are. */
export interface Making {
  /** Other places for the distribution's packages; nothing of them stays in the image. */
  readonly mirrors?: readonly Mirror[];
  /** Called when a base has to be bootstrapped and nothing here can; true when it helped. */
  readonly obtainBootstrapper?: (say: (line: string) => void) => Promise<boolean>;
}

/** How long a registry may be silent, ms. */
const PATIENCE = 10_000;

/** Is the image there? */
export async function hasImage({ docker }: Pick<Connection, "docker">, tag: string): Promise<boolean> {
  const found = await docker.getImage(tag).inspect().catch(tolerate(404));
  return found !== undefined;
}

/** Takes the distribution's own image from the registry under our name for it. False, with the reason told, when the registry is out of reach. */
export async function pullBase(
  { docker }: Pick<Connection, "docker">,
  base: ToolImage["base"],
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const image = `${base.distro}:${base.suite}-slim`;
  const [repo = "", tag = ""] = baseTag(base).split(":");
  if (!(await hasImage({ docker }, image))) {
    const silence = new AbortController();
    let heard = Date.now();
    const watch = setInterval(() => {
      if (Date.now() - heard > PATIENCE) silence.abort(new Error(`no word for ${PATIENCE / 1000} s`));
    }, 500);
    const abortSignal = AbortSignal.any([signal, silence.signal]);
    try {
      onLine(`asking the registry for ${image}`);
      const pull = docker.createImage({ fromImage: base.distro, tag: `${base.suite}-slim`, abortSignal });
      await progress(await pull, (record) => {
        heard = Date.now();
        if (record.status && !/^(Downloading|Extracting|Waiting)/.test(record.status)) onLine(record.status);
      });
    } catch (error) {
      signal.throwIfAborted();
      const why = silence.signal.aborted ? (silence.signal.reason as Error).message : (error as Error).message;
      onLine(`no registry: ${why.trim()}`);
      return false;
    } finally {
      clearInterval(watch);
    }
  }
  await docker.getImage(image).tag({ repo, tag });
  return true;
}

/** Makes the base image if it is not there: from the registry, else bootstrapped out of the distribution's packages. Gives its name. */
export async function ensureBase(
  connection: Pick<Connection, "docker">,
  base: ToolImage["base"],
  onLine: (line: string) => void,
  signal: AbortSignal,
  making: Making = {},
): Promise<string> {
  const tag = baseTag(base);
  if (await hasImage(connection, tag)) return tag;
  if (await pullBase(connection, base, onLine, signal)) return tag;
  if (!(await hasBootstrapper()) && !(await making.obtainBootstrapper?.(onLine))) {
    throw new EngineLost(
      `no registry gives ${base.distro}:${base.suite}-slim, and mmdebstrap, which could make it, is not installed`,
      BOOTSTRAPPER_REMEDIES,
    );
  }
  onLine(`bootstrapping ${base.distro} ${base.suite} out of its packages`);
  await bootstrapBase(connection, base, tag, onLine, signal, making.mirrors);
  return tag;
}
