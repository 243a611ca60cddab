import type { Writable } from "node:stream";
import { DefaultRenderer, Listr, ListrLogger, ListrTaskState, type ListrTaskWrapper, ProcessOutput } from "listr2";
import type { RunEvent, View } from "../run/events.js";
import { formatDuration } from "./duration.js";
import { failureText } from "./failure.js";
import { printable } from "./plain.js";

type Wrapper = ListrTaskWrapper<unknown, typeof Renderer, typeof Renderer>;

/** The caller has looked at the stream; listr2 would ask process.stdout instead. */
class Renderer extends DefaultRenderer {
  static override nonTTY = true;
}

/** What a step shows; `task` is there once listr2 has begun to draw it, which is later than the first events. */
interface Row {
  readonly title: string;
  state: ListrTaskState;
  /** Ms time of its start. */
  started: number;
  note: string;
  line: string;
  task?: Wrapper;
  over?: () => void;
}

/** Ten updates a second are as many as anybody reads. */
const TICK = 100;

/**
 * Steps on a terminal, drawn again in place: those that run with their last line and elapsed time, what was
 * reused, what waits. A failure is told in full beneath the list.
 */
export function ttyView(stream: Writable, options: { readonly colour: boolean; readonly cwd?: string }): View {
  const rows = new Map<string, Row>();
  const failures: string[] = [];
  let recipe = "";
  let drawn: Promise<unknown> | undefined;
  let tick: NodeJS.Timeout | undefined;

  /** For the second Ctrl-C, which leaves no time to close. */
  const showCursor = () => void stream.write("\u001b[?25h");
  const end = (step: string, state: ListrTaskState, note: string): void => {
    const row = rows.get(step);
    if (!row) return;
    Object.assign(row, { state, note, line: "" });
    draw(row);
  };
  const start = (event: Extract<RunEvent, { type: "run-started" }>): void => {
    recipe = event.recipe;
    for (const { id, title } of event.steps) {
      rows.set(id, { title, state: ListrTaskState.WAITING, started: 0, note: "", line: "" });
    }
    drawn = list([...rows.values()], stream).run();
    process.once("exit", showCursor);
    tick = setInterval(() => {
      for (const row of rows.values()) if (row.state === ListrTaskState.STARTED) draw(row);
    }, TICK);
  };
  const event = (event: RunEvent): void => {
    const row = "step" in event ? rows.get(event.step) : undefined;
    switch (event.type) {
      case "run-started":
        start(event);
        break;
      case "step-started":
        if (!row) break;
        Object.assign(row, { state: ListrTaskState.STARTED, started: Date.parse(event.at), note: event.why ?? "" });
        draw(row);
        break;
      case "step-waiting":
        if (!row) break;
        row.note = `waits for ${event.for}`;
        draw(row);
        break;
      case "step-output":
        // Drawn at the next tick.
        if (row) row.line = printable(event.line);
        break;
      case "step-reused":
        end(event.step, ListrTaskState.SKIPPED, "reused");
        break;
      case "step-finished":
        end(event.step, ListrTaskState.COMPLETED, formatDuration(event.seconds));
        break;
      case "step-cancelled":
        end(event.step, ListrTaskState.SKIPPED, "cancelled");
        break;
      case "step-failed":
        failures.push(failureText(event, { recipe, ...options }));
        end(event.step, ListrTaskState.FAILED, "failed");
        break;
      case "run-finished":
        for (const [step, { state }] of rows) {
          if (state !== ListrTaskState.WAITING) continue;
          end(step, ListrTaskState.SKIPPED, event.outcome === "built" ? "not needed" : "not reached");
        }
    }
  };
  const close = async (): Promise<void> => {
    clearInterval(tick);
    for (const row of rows.values()) {
      if (!isOver(row)) row.state = ListrTaskState.SKIPPED;
      draw(row);
    }
    await drawn;
    process.removeListener("exit", showCursor);
    for (const text of failures) stream.write(text);
  };
  return { event, close };
}

const isOver = ({ state }: Row): boolean => state !== ListrTaskState.WAITING && state !== ListrTaskState.STARTED;

/** Hands a row to listr2; a row that is over ends its task. */
function draw(row: Row): void {
  const { task } = row;
  if (!task) return;
  const elapsed = row.state === ListrTaskState.STARTED ? formatDuration((Date.now() - row.started) / 1000) : "";
  const title = [row.title, ...[elapsed, row.note].filter((text) => text !== "").map((text) => `· ${text}`)].join(" ");
  if (task.title !== title) task.title = title;
  if (row.line !== "" && task.output !== row.line) task.output = row.line;
  if (task.task.state !== row.state) task.task.state$ = row.state;
  if (isOver(row)) row.over?.();
}

function list(rows: readonly Row[], stream: Writable): Listr<unknown, typeof Renderer, typeof Renderer> {
  const tasks = rows.map((row) => ({
    title: row.title,
    task: (_: unknown, task: Wrapper) =>
      new Promise<void>((resolve) => {
        row.task = task;
        row.over = resolve;
        draw(row);
      }),
  }));
  const out = stream as NodeJS.WriteStream;
  return new Listr<unknown, typeof Renderer, typeof Renderer>(tasks, {
    concurrent: true,
    exitOnError: false,
    registerSignalListeners: false,
    renderer: Renderer,
    rendererOptions: {
      formatOutput: "truncate",
      logger: new ListrLogger({ useIcons: true, toStderr: [], processOutput: new ProcessOutput(out, out) }),
    },
  });
}
