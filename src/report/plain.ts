import type { Writable } from "node:stream";
import type { RunEvent, View } from "../run/events.js";
import { formatDuration } from "./duration.js";
import { failureText } from "./failure.js";

/** `[step] line` for logs of continuous integration and for pipes: nothing is ever overwritten. */
export function plainView(stream: Writable, options: { readonly colour?: boolean; readonly cwd?: string } = {}): View {
  let recipe = "";
  const say = (step: string, text: string) => stream.write(`[${step}] ${text}\n`);
  const event = (event: RunEvent): void => {
    switch (event.type) {
      case "run-started":
        recipe = event.recipe;
        stream.write(`${recipe}: run ${event.run}, ${event.steps.length} steps\n`);
        break;
      case "step-reused":
        say(event.step, "reused");
        break;
      case "step-started":
        say(event.step, event.why ? `started, because: ${event.why}` : "started");
        break;
      case "step-waiting":
        say(event.step, `waiting for ${event.for}`);
        break;
      case "step-output":
        say(event.step, printable(event.line));
        break;
      case "step-finished":
        say(event.step, `done in ${formatDuration(event.seconds)}`);
        break;
      case "step-failed":
        // The last lines stand right above already.
        stream.write(
          failureText({ ...event, lastLines: [] }, { recipe, colour: options.colour ?? false, ...cwdOf(options) })
            .trimEnd()
            .split("\n")
            .map((line) => `[${event.step}] ${line}\n`)
            .join(""),
        );
        break;
      case "step-cancelled":
        say(event.step, "cancelled");
        break;
      case "run-finished":
        stream.write(`${recipe}: ${event.outcome} after ${formatDuration(event.seconds)}\n`);
        break;
    }
  };
  return { event, close: () => {} };
}

const cwdOf = (options: { readonly cwd?: string }) => (options.cwd === undefined ? {} : { cwd: options.cwd });

/** A step's line without the escapes and control characters that would act on the reader's terminal. */
export function printable(line: string): string {
  return line
    .replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-_])/g, "")
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "");
}
