import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { StepFailed } from "../../src/diagnostic/failure.js";
import { connectDocker } from "../../src/engine/docker/connect.js";
import { findDocker, notFound } from "../../src/engine/docker/find.js";
import type { Engine } from "../../src/engine/engine.js";
import type { Op, OpRun } from "../../src/ops/op.js";
import type { ToolImage } from "../../src/plan/step.js";
import { scriptJob } from "../../src/run/container-job.js";
import type { Store } from "../../src/store/store.js";
import type { Json } from "../../src/util/canonical.js";

/** What a test says about one run of an op. */
export interface OpTest {
  readonly args: Json;
  readonly inputs: { readonly [name: string]: string };
  /** An empty folder; outputs land in its `out`. */
  readonly folder: string;
  readonly tools?: readonly ToolImage[];
  readonly scripts?: { readonly [name: string]: string };
  readonly engine?: Engine;
  readonly signal?: AbortSignal;
}

/** Runs an op as the runner would, without plan and store; gives the output folder and what it logged. */
export async function runOp(op: Op, test: OpTest): Promise<{ readonly out: string; readonly log: readonly string[] }> {
  const out = join(test.folder, "out");
  const scratch = join(test.folder, "scratch");
  for (const path of [out, scratch]) mkdirSync(path, { recursive: true });
  const log: string[] = [];
  const signal = test.signal ?? new AbortController().signal;
  const engine = async (): Promise<Engine> => {
    if (!test.engine) throw new Error("this test gives its op no engine");
    return test.engine;
  };
  const run: OpRun = {
    stepId: "test",
    args: test.args,
    transient: undefined,
    tools: test.tools ?? [],
    scripts: test.scripts ?? {},
    inputs: test.inputs,
    out: (name) => join(out, name),
    scratch,
    store: undefined as unknown as Store,
    log: (line) => log.push(line),
    signal,
    engine,
    container: async (script, options) => {
      const text = test.scripts?.[script];
      if (text === undefined) throw new Error(`no script "${script}"`);
      const job = await scriptJob(scratch, text, {
        name: script,
        network: "none",
        caps: [],
        ...options,
      });
      const exitCode = await (await engine()).run({ ...job, signal, onLine: (line) => log.push(line) });
      if (exitCode !== 0)
        throw new StepFailed("test", `${script} ended with exit code ${exitCode}:\n${log.slice(-20).join("\n")}`, {
          exitCode,
          lastLines: log.slice(-20),
        });
    },
  };
  await op(run);
  return { out, log };
}

/** The machine's container engine with the given tool images made. */
export async function engineWith(...tools: readonly ToolImage[]): Promise<Engine> {
  const search = await findDocker(process.env);
  if (!search.endpoint) throw notFound(search);
  const engine = await connectDocker(search.endpoint);
  for (const tool of tools) await engine.ensureTool(tool, () => {}, new AbortController().signal);
  return engine;
}
