import type { Diagnostic } from "./diagnostic.js";

/** A command cannot go on because of mistakes its user can mend (exit code 2). Carries all of them at once. */
export class Refused extends Error {
  readonly diagnostics: readonly Diagnostic[];
  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((d) => d.message).join("\n"));
    this.name = "Refused";
    this.diagnostics = diagnostics;
  }
}

/** Shorthand for the commonest refusal: one mistake with no place in a file. */
export function refuse(code: string, message: string, help?: string): Refused {
  return new Refused([{ severity: "error", code, message, ...(help ? { help } : {}) }]);
}

/** A step of the plan ran and failed (exit code 1). */
export class StepFailed extends Error {
  readonly step: string;
  readonly exitCode: number | undefined;
  readonly lastLines: readonly string[];
  /** Where the whole log is; set by the runner. */
  logPath: string | undefined;
  /** Mistakes with places and remedies that the step itself found (a dropped symbol, an overlap); shown instead of the log's tail. */
  readonly diagnostics: readonly Diagnostic[];
  constructor(
    step: string,
    message: string,
    facts: {
      exitCode?: number;
      lastLines?: readonly string[];
      logPath?: string;
      diagnostics?: readonly Diagnostic[];
      cause?: unknown;
    } = {},
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = "StepFailed";
    this.step = step;
    this.exitCode = facts.exitCode;
    this.lastLines = facts.lastLines ?? [];
    this.logPath = facts.logPath;
    this.diagnostics = facts.diagnostics ?? [];
  }
}

/** The place where steps run is gone or was never there; another place may do (exit code 3). */
export class EngineLost extends Error {
  /** What the user can do, a line each. */
  readonly remedies: readonly string[];
  constructor(message: string, remedies: readonly string[] = [], cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "EngineLost";
    this.remedies = remedies;
  }
}
