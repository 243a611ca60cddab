import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { EngineLost, Refused, StepFailed } from "../diagnostic/failure.js";
import { containerTool, type Step } from "../plan/step.js";
import { explainSpace, freeSpace, storeFull } from "../store/space.js";
import type { RunEvent } from "./events.js";

/** Below this a script's "No space left on device" is the store's doing, bytes. */
const SCARCE = 16 * 1024 * 1024;

/** Gives whatever a step threw its step, last lines and log; a full disk becomes the refusal that names the store. */
export async function stepError(
  step: string,
  error: unknown,
  about: {
    readonly lastLines: readonly string[];
    /** What the step's script itself found wrong. */
    readonly findings: readonly Diagnostic[];
    readonly log: string;
    readonly root: string;
  },
): Promise<unknown> {
  if (error instanceof EngineLost) {
    return new EngineLost(`${error.message} (step ${step} was running)`, error.remedies, error);
  }
  if (error instanceof Refused) return error;
  if (!(error instanceof StepFailed)) return explainSpace(about.root, error);
  const lastLines = error.lastLines.length > 0 ? error.lastLines : about.lastLines;
  const { exitCode, cause } = error;
  const diagnostics = error.diagnostics.length > 0 ? error.diagnostics : about.findings;
  if (diagnostics.length === 0 && lastLines.some((line) => /no space left on device|ENOSPC/i.test(line))) {
    if (((await freeSpace(about.root)) ?? 0) < SCARCE) return storeFull(about.root);
  }
  return new StepFailed(step, error.message, {
    ...(exitCode === undefined ? {} : { exitCode }),
    lastLines,
    diagnostics,
    logPath: about.log,
    cause: cause ?? error,
  });
}

/** The event for a step's error. */
export function failedEvent(
  at: string,
  step: Step,
  error: unknown,
  lastLines: readonly string[],
  log: string,
): Extract<RunEvent, { type: "step-failed" }> {
  const message = error instanceof Error ? error.message : String(error);
  const own = error instanceof StepFailed ? error : undefined;
  return {
    type: "step-failed",
    at,
    step: step.id,
    message,
    ...(own?.exitCode === undefined ? {} : { exitCode: own.exitCode }),
    lastLines: own?.lastLines ?? lastLines,
    log,
    shell: containerTool(step) !== undefined,
    diagnostics: own?.diagnostics ?? (error instanceof Refused ? error.diagnostics : []),
  };
}
