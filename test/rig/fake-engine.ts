import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EngineLost } from "../../src/diagnostic/failure.js";
import type { Engine, Job } from "../../src/engine/engine.js";
import type { ToolImage } from "../../src/plan/step.js";

/** What a local function that stands in for a step's script may do. */
export interface FakeJob {
  readonly job: Job;
  /** Text of /in/NAME. */
  input(name: string): string;
  /** Writes /out/NAME. */
  output(name: string, text: string): void;
  say(line: string): void;
  /** The host's path of a container path. */
  host(path: string): string;
}

/** Plays a job; a number it gives (or promises) is the exit code, anything else is 0. */
export type Body = (job: FakeJob) => unknown;

export interface FakeEngine extends Engine {
  /** Names of all jobs that were started, in order. */
  readonly started: readonly string[];
  /** Names of jobs that were killed. */
  readonly killed: readonly string[];
  /** Names of tool images that were made. */
  readonly made: readonly string[];
  /** How many jobs ran at once at most. */
  readonly most: number;
  /** The daemon goes away: what runs and whatever comes later rejects with EngineLost. */
  lose(): void;
}

/** An engine whose jobs are functions by job name: no containers, no waiting, everything decided by the test. */
export function fakeEngine(bodies: { readonly [job: string]: Body }): FakeEngine {
  const state = { started: [] as string[], killed: [] as string[], made: [] as string[], running: 0, most: 0 };
  const tools = new Set<string>();
  const lost = new AbortController();
  const gone = () => new EngineLost("the fake engine is gone", ["start it again"]);
  const run = async (job: Job): Promise<number> => {
    job.signal.throwIfAborted();
    if (lost.signal.aborted) throw gone();
    state.started.push(job.name);
    state.most = Math.max(state.most, ++state.running);
    const body = bodies[job.name];
    if (!body) throw new Error(`no body for job ${job.name}`);
    let over = false;
    try {
      const done = Promise.resolve(body(fakeJob(job))).then((code) => (typeof code === "number" ? code : 0));
      return await Promise.race([
        done,
        fired(job.signal).then((): never => {
          if (!over) state.killed.push(job.name);
          throw job.signal.reason;
        }),
        fired(lost.signal).then((): never => {
          throw gone();
        }),
      ]);
    } finally {
      over = true;
      state.running--;
    }
  };
  return {
    name: "fake",
    get started() {
      return state.started;
    },
    get killed() {
      return state.killed;
    },
    get made() {
      return state.made;
    },
    get most() {
      return state.most;
    },
    lose: () => lost.abort(),
    hasTool: async (tool: ToolImage) => tools.has(tool.name),
    ensureTool: async (tool, onLine) => {
      if (lost.signal.aborted) throw gone();
      if (tools.has(tool.name)) return;
      tools.add(tool.name);
      state.made.push(tool.name);
      onLine(`making tool image ${tool.name}`);
    },
    run,
    talk: () => Promise.reject(new Error("the fake engine has no console")),
    interact: (job) => run({ ...job, onLine: () => {} }),
    reap: async () => [],
    close: async () => {},
  };
}

function fakeJob(job: Job): FakeJob {
  const host = (path: string): string => {
    const mount = job.mounts.find(({ target }) => path === target || path.startsWith(`${target}/`));
    if (!mount) throw new Error(`${path} is not mounted`);
    return join(mount.source, path.slice(mount.target.length));
  };
  return {
    job,
    host,
    input: (name) => readFileSync(host(`/in/${name}`), "utf8"),
    output: (name, text) => writeFileSync(host(`/out/${name}`), text),
    say: (line) => job.onLine(line, "stdout"),
  };
}

function fired(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

/** Something a test opens by hand. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
