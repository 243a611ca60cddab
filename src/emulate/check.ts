/** What a command on the booted board did. */
export interface Ran {
  readonly exitCode: number;
  /** Standard output and error, together, trimmed. */
  readonly output: string;
}

/** Something that must hold on the booted board: a command run as root, and what is wrong with what it did, or undefined. */
export interface Check {
  readonly name: string;
  readonly run: string;
  readonly problem: (ran: Ran) => string | undefined;
  /** Said when the command ends with SKIP. */
  readonly skipped?: string;
}

/** Exit code of a check that does not apply here, as in automake's test protocol. */
export const SKIP = 77;

/** A check with its verdict. */
export interface Assertion {
  readonly name: string;
  readonly command: string;
  readonly verdict: "passed" | "failed" | "skipped";
  readonly exitCode?: number;
  readonly seconds?: number;
  readonly output?: string;
  /** Why it failed or was skipped. */
  readonly reason?: string;
}

/** Judges what a check's command did. */
export function judge(check: Check, ran: Ran, seconds: number): Assertion {
  const common = { name: check.name, command: check.run, exitCode: ran.exitCode, seconds, output: ran.output };
  if (ran.exitCode === SKIP && check.skipped !== undefined) {
    return { ...common, verdict: "skipped", reason: check.skipped };
  }
  const reason = check.problem(ran);
  return reason === undefined ? { ...common, verdict: "passed" } : { ...common, verdict: "failed", reason };
}

/** The problem of a command that had to succeed. */
export function exitProblem(ran: Ran): string | undefined {
  if (ran.exitCode === 0) return undefined;
  if (ran.exitCode === 127) return "the command is not on the board";
  return `exit code ${ran.exitCode}`;
}
