import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StepFailed } from "../diagnostic/failure.js";
import { initOf } from "../rootfs/init.js";
import { Tree } from "../rootfs/tree.js";
import type { Op, OpRun } from "./op.js";
import { input } from "./stop-at.js";
import { FileBytes, writeTar } from "./tar-file.js";

/** Takes a root filesystem from a tarball: decompressed, its names alike, and looked at whether it can boot at all. */
export const rootfsTar: Op = async (run) => {
  const { source, epoch } = run.args as { source: string; epoch: number };
  const [tool] = run.tools;
  if (!tool) throw new Error("op rootfs-tar needs a tool image");
  await run.container("rootfs-tar", {
    tool,
    env: {},
    mounts: [
      { source: input(run, "source"), target: "/in/source", readOnly: true },
      { source: run.scratch, target: "/out", readOnly: false },
    ],
  });
  const plain = join(run.scratch, "plain");
  {
    using bytes = new FileBytes(plain);
    const tree = treeOf(run, bytes, source, epoch);
    check(run, tree, source);
    await writeTar(tree, new Map([[bytes, plain]]), run.out("rootfs"), run.signal);
  }
  await rm(plain, { force: true });
  await writeFile(run.out("packages"), "");
};

function treeOf(run: OpRun, bytes: FileBytes, source: string, epoch: number): Tree {
  try {
    return Tree.of(bytes, epoch);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new StepFailed(run.stepId, `rootfs: source ${source} cannot be read as a tarball: ${why}`, { cause });
  }
}

/** A tarball that is no root filesystem is told now, not by a kernel that panics. */
function check(run: OpRun, tree: Tree, source: string): void {
  const wrong = (code: string, what: string, help: string) =>
    new StepFailed(run.stepId, "the tarball is no root filesystem", {
      diagnostics: [{ severity: "error", code, message: `rootfs: source ${source} ${what}`, help }],
    });
  const below = tree.list("").filter((name) => tree.get(`${name}/etc`)?.type === "folder");
  if (tree.get("etc")?.type !== "folder") {
    const help = below[0]
      ? `its files lie below ${below[0]}/: pack it again from inside that folder`
      : "is it the right tarball?";
    throw wrong("rootfs-no-etc", "has no /etc", help);
  }
  if (initOf(tree) === "none") {
    throw wrong(
      "no-init",
      "has no init (/sbin/init, /etc/init or /bin/init)",
      "a container's rootfs often has none: add one to it",
    );
  }
}
