import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { StepFailed } from "../diagnostic/failure.js";
import type { OpRun } from "./op.js";

/** Fails the step with its diagnostics when there are any errors among them. */
export function stopAt(run: OpRun, diagnostics: readonly Diagnostic[], message: string): void {
  if (diagnostics.some(({ severity }) => severity === "error"))
    throw new StepFailed(run.stepId, message, { diagnostics });
}

/** Path of an input that the step's definition promises. */
export function input(run: OpRun, name: string): string {
  const path = run.inputs[name];
  if (path === undefined) throw new Error(`${run.stepId} has no input "${name}"`);
  return path;
}
