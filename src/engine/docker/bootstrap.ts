import { spawn } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { join } from "node:path";
import { EngineLost } from "../../diagnostic/failure.js";
import type { ToolImage } from "../../plan/step.js";
import type { Mirror } from "../../util/mirror.js";
import { LineSplitter } from "../line-splitter.js";
import { FORGET_MIRRORS, useMirrors } from "./apt-script.js";
import { progress } from "./progress.js";
import type { Connection } from "./start.js";

/** What a user without a bootstrapper has to do. */
export const BOOTSTRAPPER_REMEDIES = [
  "sudo apt-get install -y mmdebstrap debian-archive-keyring",
  "or, as root on Debian, repeat the command with --yes, and boardsmith does it",
];

/** Is mmdebstrap installed on this machine? */
export async function hasBootstrapper(
  env: { readonly [name: string]: string | undefined } = process.env,
): Promise<boolean> {
  for (const folder of (env.PATH ?? "").split(":")) {
    if (
      folder &&
      (await access(join(folder, "mmdebstrap"), constants.X_OK).then(
        () => true,
        () => false,
      ))
    )
      return true;
  }
  return false;
}

/** The command that writes a minimal system as a tar to its standard output. Pure. */
export function bootstrapCommand(base: ToolImage["base"], mirrors: readonly Mirror[] = []): readonly string[] {
  const hooks = mirrors.length > 0 ? [`--setup-hook=${useMirrors(mirrors)}`, `--customize-hook=${FORGET_MIRRORS}`] : [];
  return ["mmdebstrap", "--variant=minbase", '--aptopt=Acquire::Retries "3"', ...hooks, base.suite, "-"];
}

/** Makes a distribution's minimal system out of its packages and hands it to the engine under `tag`. */
export async function bootstrapBase(
  { docker }: Pick<Connection, "docker">,
  base: ToolImage["base"],
  tag: string,
  onLine: (line: string) => void,
  signal: AbortSignal,
  mirrors: readonly Mirror[] = [],
): Promise<void> {
  const [command = "", ...args] = bootstrapCommand(base, mirrors);
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  const last: string[] = [];
  const lines = new LineSplitter((line) => {
    last.push(line);
    if (last.length > 20) last.shift();
    onLine(line);
  });
  child.stderr.on("data", (chunk: Buffer) => lines.write(chunk));
  const stop = () => child.kill("SIGTERM");
  signal.addEventListener("abort", stop, { once: true });
  try {
    const ended = new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, killedBy) => resolve(killedBy ? 128 : (code ?? 128)));
    });
    ended.catch(() => {});
    // No name yet: a system that was cut short must not be taken for a base.
    const said = await progress(await docker.importImage(child.stdout, { changes: ['CMD ["bash"]'] }));
    const code = await ended;
    signal.throwIfAborted();
    const id = said.findLast((record) => record.status?.startsWith("sha256:"))?.status;
    if (code !== 0 || !id) {
      if (id)
        await docker
          .getImage(id)
          .remove()
          .catch(() => {});
      throw new EngineLost(
        [`${command} failed (exit code ${code}); its last lines:`, ...last.map((l) => `  ${l}`)].join("\n"),
        ["see whether this machine reaches the distribution's archive, or name a mirror with --mirror"],
      );
    }
    const [repo = "", version = ""] = tag.split(":");
    await docker.getImage(id).tag({ repo, tag: version });
  } finally {
    signal.removeEventListener("abort", stop);
    child.kill("SIGTERM");
    // Asked to end, it waits for its tar, which waits for a reader when the engine has stopped reading: let the pipe break.
    child.stdout.destroy();
  }
}
