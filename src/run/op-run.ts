import { join } from "node:path";
import { StepFailed } from "../diagnostic/failure.js";
import type { Engine } from "../engine/engine.js";
import type { OpRun } from "../ops/op.js";
import type { OpAction, Step } from "../plan/step.js";
import type { Store } from "../store/store.js";
import { scriptJob } from "./container-job.js";
import type { Staged } from "./stage.js";

/** What an op's run hangs on. */
export interface OpSurroundings {
  readonly staged: Staged;
  readonly folder: string;
  readonly store: Store;
  readonly engine: () => Promise<Engine>;
  readonly keep: (name: string) => string;
  readonly line: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Gives an op its inputs, outputs and, when it asks, an engine with its tool images. */
export function opRun(step: Step, action: OpAction, around: OpSurroundings): OpRun {
  const { staged, store, keep, line, signal } = around;
  let ready: Promise<Engine> | undefined;
  const engine = (): Promise<Engine> => {
    ready ??= around.engine().then(async (engine) => {
      for (const tool of action.tools) await engine.ensureTool(tool, line, signal);
      return engine;
    });
    return ready;
  };
  return {
    stepId: step.id,
    args: action.args,
    transient: action.transient,
    tools: action.tools,
    scripts: action.scripts,
    inputs: staged.inputs,
    out: (name) => join(staged.out, name),
    scratch: staged.work,
    store,
    keep,
    log: line,
    signal,
    engine,
    container: async (script, options) => {
      const text = action.scripts[script];
      if (text === undefined) throw new Error(`${step.id} has no script ${script}`);
      const { tool, mounts, env, network = "none", caps = [] } = options;
      const job = await scriptJob(around.folder, text, { name: step.id, tool, mounts, env, network, caps });
      const code = await (await engine()).run({ ...job, onLine: line, signal });
      if (code !== 0) throw new StepFailed(step.id, exitMessage(code), { exitCode: code });
    },
  };
}

/** What an exit code of a step's script means. */
export function exitMessage(code: number): string {
  if (code === 137) return "its script was killed (exit code 137); the usual cause is too little memory";
  if (code === 127) return "its script called a program that its tool image does not have (exit code 127)";
  return `its script ended with exit code ${code}`;
}
