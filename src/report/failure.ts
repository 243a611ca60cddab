import { renderDiagnostics } from "../diagnostic/render.js";
import type { RunEvent } from "../run/events.js";

type StepFailedEvent = Extract<RunEvent, { type: "step-failed" }>;

/**
 * All that a failed step's reader needs: what is wrong (the step's own diagnostics, else its last lines), where the
 * whole log is, and how to get a shell in the step's container, if it has one. Ends with a newline.
 */
export function failureText(
  event: StepFailedEvent,
  options: { readonly recipe: string; readonly colour: boolean; readonly cwd?: string },
): string {
  const { colour, cwd, recipe } = options;
  const lines = [`step ${event.step} failed: ${event.message}`];
  if (event.diagnostics.length > 0) {
    // The message of a refusal is its diagnostics' text already.
    if (event.diagnostics.map(({ message }) => message).join("\n") === event.message)
      lines[0] = `step ${event.step} failed`;
    lines.push(renderDiagnostics(event.diagnostics, { colour, ...(cwd === undefined ? {} : { cwd }) }).trimEnd());
  } else lines.push(...event.lastLines.map((line) => `  | ${line}`));
  lines.push(`  whole log: ${event.log}`);
  if (event.shell) lines.push(`  a shell there: boardsmith shell ${recipe} ${event.step}`);
  return `${lines.join("\n")}\n`;
}
