import { join } from "node:path";
import { StepFailed } from "../diagnostic/failure.js";
import { entries } from "../rootfs/entries.js";
import { Tree } from "../rootfs/tree.js";
import type { OpRun } from "./op.js";
import { input } from "./stop-at.js";
import type { openFiles } from "./tar-file.js";

/** What a step that takes something others built is told. */
export interface Parts {
  /** For messages. */
  readonly shown: string;
  /** How many inputs `part-N` there are to unpack; none: everything is in the input `rootfs`. */
  readonly parts: number;
  readonly epoch: number;
}

/** The files of packages, tarballs or a root filesystem as one tree, later parts laid over earlier ones. */
export async function unpackedParts(
  run: OpRun,
  args: Parts,
  opened: Pick<ReturnType<typeof openFiles>, "open">,
): Promise<Tree> {
  const tree = new Tree(args.epoch);
  for (const path of await plainTars(run, args)) {
    try {
      for (const entry of entries(opened.open(path))) if (entry.path !== "") tree.place(entry.path, entry);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new StepFailed(run.stepId, `${args.shown} is no .deb, .rpm or tarball: ${why}`, { cause });
    }
  }
  return tree;
}

async function plainTars(run: OpRun, { parts, epoch }: Parts): Promise<readonly string[]> {
  if (parts === 0) return [input(run, "rootfs")];
  const [tool] = run.tools;
  if (!tool) throw new Error("unpacking parts needs a tool image");
  const names = Array.from({ length: parts }, (_, index) => `part-${index}`);
  await run.container("prebuilt-unpack", {
    tool,
    env: { SOURCE_DATE_EPOCH: String(epoch) },
    mounts: [
      ...[...names, "rpm-payload.py"].map((name) => ({
        source: input(run, name),
        target: `/in/${name}`,
        readOnly: true,
      })),
      { source: run.scratch, target: "/out", readOnly: false },
    ],
  });
  return names.map((name) => join(run.scratch, name));
}
