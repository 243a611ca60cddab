import { constants, copyFile } from "node:fs/promises";
import { StepFailed } from "../diagnostic/failure.js";
import type { Op } from "./op.js";

/** Takes a local source as the runner brought it into the store: the file itself, or a tree as its tar. */
export const sourcePath: Op = async (run) => {
  const from = run.inputs.local;
  if (from === undefined) throw new StepFailed(run.stepId, "the local source was not handed over");
  await copyFile(from, run.out("source"), constants.COPYFILE_FICLONE);
};
