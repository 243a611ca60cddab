import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Job, Mount } from "../engine/engine.js";
import type { ContainerAction, Step } from "../plan/step.js";
import type { Store } from "../store/store.js";
import type { Staged } from "./stage.js";

/** A job but for who listens to it and what stops it. */
export type QuietJob = Omit<Job, "onLine" | "signal">;

/**
 * Runs /step.sh, then gives what it left to whoever owns the folders it wrote to, so that a user who is not root
 * can move and remove it. In a rootless engine they belong to the container's root already.
 */
function around(mounts: readonly Mount[]): string {
  const writable = mounts.filter(({ readOnly }) => !readOnly).map(({ target }) => `'${target}'`);
  return [
    "mkdir -p /work && cd /work || exit 125",
    "sh -eu /step.sh; code=$?",
    `for path in ${writable.join(" ")}; do`,
    '  owner=$(stat -c %u:%g "$path")',
    '  [ "$owner" = 0:0 ] || chown -hR "$owner" "$path" || true',
    "done",
    "exit $code",
  ].join("\n");
}

/** A script as a job, with the script itself laid down in `folder`. */
export async function scriptJob(folder: string, script: string, job: Omit<QuietJob, "argv">): Promise<QuietJob> {
  const file = join(folder, `step-${Math.random().toString(36).slice(2)}.sh`);
  await writeFile(file, script, { mode: 0o555 });
  const mounts = [{ source: file, target: "/step.sh", readOnly: true }, ...job.mounts];
  return { ...job, mounts, argv: ["sh", "-c", around(mounts)], env: { LC_ALL: "C.UTF-8", ...job.env } };
}

/** A container step as a job: /in and /step.sh read-only, /out to be filled, /work inside the container, caches. */
export async function containerJob(
  step: Step,
  action: ContainerAction,
  staged: Staged,
  store: Store,
  folder: string,
): Promise<QuietJob> {
  const caches = await Promise.all(
    action.caches.map(async (name) => ({ source: await store.cache(name), target: `/cache/${name}`, readOnly: false })),
  );
  const inputs = Object.entries(staged.inputs);
  return scriptJob(folder, action.script, {
    name: step.id,
    tool: action.tool,
    env: { ...action.env, ...action.transient },
    mounts: [
      ...inputs.map(([name, source]) => ({ source, target: `/in/${name}`, readOnly: true })),
      { source: staged.out, target: "/out", readOnly: false },
      ...caches,
    ],
    network: action.network === "fetch" ? "host" : "none",
    caps: action.caps,
  });
}
