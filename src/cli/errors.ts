import { EngineLost, Refused, StepFailed } from "../diagnostic/failure.js";
import { renderDiagnostics } from "../diagnostic/render.js";
import type { Cli } from "./command.js";

/** Tells the user what went wrong on stderr and gives the exit code for it. */
export function explainError(cli: Cli, error: unknown): number {
  const say = (text: string) => cli.stderr.write(`${text.trimEnd()}\n`);
  const colour = Boolean(cli.stderr.isTTY) && !cli.env.NO_COLOR;
  if (cli.signal.aborted && (error === cli.signal.reason || isAbort(error))) {
    say("boardsmith: stopped; nothing is left running. The same command goes on from here.");
    return 130;
  }
  if (error instanceof Refused) {
    say(renderDiagnostics(error.diagnostics, { colour, cwd: cli.cwd }));
    return 2;
  }
  if (error instanceof StepFailed) {
    const lines = [`error: step ${error.step} failed: ${error.message}`];
    // The view has shown the rest already, unless there was none or it was for programs.
    if (error.logPath && !cli.json) {
      say(lines[0] ?? "");
      return 1;
    }
    if (error.diagnostics.length > 0)
      lines.push(renderDiagnostics(error.diagnostics, { colour, cwd: cli.cwd }).trimEnd());
    else lines.push(...error.lastLines.map((line) => `  | ${line}`));
    if (error.logPath) lines.push(`  log: ${error.logPath}`);
    say(lines.join("\n"));
    return 1;
  }
  if (error instanceof EngineLost) {
    say([`error: ${error.message}`, ...error.remedies.map((line) => `  ${line}`)].join("\n"));
    return 3;
  }
  const bug = error instanceof Error ? (error.stack ?? error.message) : String(error);
  say(`boardsmith: a mistake of boardsmith's own, please report it:\n${bug}`);
  for (let cause = (error as { cause?: unknown })?.cause; cause; cause = (cause as { cause?: unknown }).cause) {
    say(`caused by: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`);
  }
  return 70;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === "AbortError" || error.name === "ExitPromptError");
}
