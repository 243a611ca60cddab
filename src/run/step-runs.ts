import { access } from "node:fs/promises";
import { join } from "node:path";
import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { StepFailed } from "../diagnostic/failure.js";
import { diagnosticLine } from "../diagnostic/line.js";
import { prepareEmulation } from "../engine/emulation.js";
import type { Engine } from "../engine/engine.js";
import type { Op } from "../ops/op.js";
import { conceal } from "../plan/conceal.js";
import { explain, type Remembered, summary } from "../plan/explain.js";
import type { Plan, PlannedStep, Step } from "../plan/step.js";
import type { Result, Store, ToolVersions } from "../store/store.js";
import { containerJob } from "./container-job.js";
import type { RunEvent } from "./events.js";
import { failedEvent, stepError } from "./failed.js";
import type { RunLogs } from "./logs.js";
import { exitMessage, opRun } from "./op-run.js";
import { Slots } from "./slots.js";
import { type Staged, stage } from "./stage.js";

const TAIL = 30;

/** What the steps of one run share. */
export interface Shared {
  readonly store: Store;
  readonly engine: () => Promise<Engine>;
  readonly ops: ReadonlyMap<string, Op>;
  readonly emit: (event: RunEvent) => void;
  readonly logs: RunLogs;
  readonly last: Remembered;
  /** Filled as steps finish. */
  readonly results: Map<string, Result>;
  readonly jobs?: number;
  /** Fires when the run is to stop, for whatever reason. */
  readonly signal: AbortSignal;
  /** Stops the run because of this error. */
  readonly fail: (error: unknown) => void;
}

const at = (): string => new Date().toISOString();

/** The steps of one run under way: each is made at most once, after its needs. */
export class StepRuns {
  readonly #plan: Plan;
  readonly #shared: Shared;
  readonly #made = new Map<string, Promise<Result>>();
  readonly #running = new Set<string>();
  readonly #cpu = new Slots(1);
  readonly #io: Slots;
  #engine: Promise<Engine> | undefined;

  constructor(plan: Plan, shared: Shared) {
    this.#plan = plan;
    this.#shared = shared;
    this.#io = new Slots(shared.jobs ?? 4);
  }

  /** The result of a step, made when it is not there. The first failure of any step stops all others. */
  ensure(id: string): Promise<Result> {
    const { results, fail } = this.#shared;
    const known = this.#made.get(id);
    if (known) return known;
    const made = this.#make(this.#planned(id)).then(
      (result) => {
        results.set(id, result);
        return result;
      },
      (error) => {
        fail(error);
        throw error;
      },
    );
    this.#made.set(id, made);
    return made;
  }

  /** Reports whatever has not let go by now as cancelled. */
  abandon(): void {
    for (const step of this.#running) this.#shared.emit({ type: "step-cancelled", at: at(), step });
    this.#running.clear();
  }

  async #make(planned: PlannedStep): Promise<Result> {
    const { store, emit, signal } = this.#shared;
    const { step, key } = planned;
    await this.#needs(planned);
    const waiting = (holder: string) => emit({ type: "step-waiting", at: at(), step: step.id, for: holder });
    await using _held = await store.lock(key, waiting, signal);
    const found = step.reusable === false ? undefined : await store.find(key);
    if (found) {
      emit({ type: "step-reused", at: at(), step: step.id, key });
      return found;
    }
    await this.#needs(planned);
    using _slot = await (step.weight === "io" ? this.#io : this.#cpu).take(signal);
    return await this.#attempt(planned);
  }

  /** Sees to it that all needs are in the store and whole at this moment; one that was spoilt meanwhile is made again. */
  async #needs(planned: PlannedStep): Promise<void> {
    const { store, results } = this.#shared;
    await Promise.all(
      planned.needs.map(async (id) => {
        const result = results.get(id);
        if (result && (await store.find(result.key))) return;
        if (result && results.get(id) === result) {
          results.delete(id);
          this.#made.delete(id);
        }
        await this.ensure(id);
      }),
    );
  }

  async #attempt(planned: PlannedStep): Promise<Result> {
    const { store, emit, logs, signal } = this.#shared;
    const { step, key, facts } = planned;
    const tail: string[] = [];
    const findings: Diagnostic[] = [];
    const line = (text: string): void => {
      if (!this.#running.has(step.id)) return;
      const finding = diagnosticLine(text);
      if (finding) {
        findings.push(finding);
        return;
      }
      const clean = logs.line(step.id, text);
      tail.push(clean);
      if (tail.length > TAIL) tail.shift();
      emit({ type: "step-output", at: at(), step: step.id, line: clean });
    };
    const why = this.#why(planned);
    const started = performance.now();
    this.#running.add(step.id);
    emit({ type: "step-started", at: at(), step: step.id, key, ...(why ? { why } : {}) });
    try {
      await using scratch = await store.scratch(step.id);
      const staged = await stage(planned, store, (id) => this.#result(id), scratch.path);
      await this.#body(planned, staged, scratch.path, line);
      signal.throwIfAborted();
      const outputs = await outputsOf(planned, staged);
      const seconds = (performance.now() - started) / 1000;
      const tools = await this.#toolVersions(planned);
      const result = await store.commit(key, step.id, conceal(facts), outputs, seconds, tools);
      this.#running.delete(step.id);
      emit({ type: "step-finished", at: at(), step: step.id, seconds });
      return result;
    } catch (thrown) {
      throw await this.#report(step, thrown, tail, findings);
    }
  }

  async #report(
    step: Step,
    thrown: unknown,
    lastLines: readonly string[],
    findings: readonly Diagnostic[],
  ): Promise<unknown> {
    const { emit, logs, store, signal, fail } = this.#shared;
    if (signal.aborted) {
      if (this.#running.delete(step.id)) emit({ type: "step-cancelled", at: at(), step: step.id });
      return signal.reason;
    }
    const log = logs.path(step.id);
    const error = await stepError(step.id, thrown, { lastLines, findings, log, root: store.root });
    this.#running.delete(step.id);
    emit(failedEvent(at(), step, error, lastLines, log));
    // Before its slot is free for a step that would start only to be cancelled.
    fail(error);
    return error;
  }

  async #body(planned: PlannedStep, staged: Staged, folder: string, line: (text: string) => void): Promise<void> {
    const { store, ops, logs, signal } = this.#shared;
    const { step } = planned;
    const { action } = step;
    const engine = () => this.#connected();
    if (action.kind === "op") {
      const op = ops.get(action.op);
      if (!op) throw new Error(`no op "${action.op}"`);
      const keep = (name: string) => logs.kept(step.id, name);
      await op(opRun(step, action, { staged, folder, store, engine, keep, line, signal }));
      return;
    }
    const place = await engine();
    await place.ensureTool(action.tool, line, signal);
    if (action.emulation) {
      await prepareEmulation(action.emulation, {
        engine: place,
        tool: action.tool,
        folder: staged.work,
        say: line,
        signal,
      });
    }
    const job = await containerJob(step, action, staged, store, folder);
    const code = await place.run({ ...job, onLine: line, signal });
    if (code !== 0) throw new StepFailed(step.id, exitMessage(code), { exitCode: code });
  }

  /** What was in the tool images that the step has just used. */
  async #toolVersions({ step: { action } }: PlannedStep): Promise<ToolVersions | undefined> {
    const engine = await this.#engine;
    const tools = action.kind === "container" ? [action.tool] : action.tools;
    const found: Record<string, { readonly [name: string]: string }> = {};
    for (const tool of tools) {
      const versions = await engine?.toolVersions?.(tool);
      if (versions) found[tool.name] = versions;
    }
    return Object.keys(found).length > 0 ? found : undefined;
  }

  /** Connects once, and first of all removes what a killed run left behind. */
  #connected(): Promise<Engine> {
    this.#engine ??= this.#shared.engine().then(async (engine) => {
      await engine.reap();
      return engine;
    });
    return this.#engine;
  }

  #why({ step, key }: PlannedStep): string | undefined {
    const { last } = this.#shared;
    if (last[step.id]?.key === key) return "its result is no longer in the store, or was damaged";
    const changes = explain(this.#plan, last, step.id);
    return changes && summary(changes);
  }

  #planned(id: string): PlannedStep {
    const planned = this.#plan.steps.find(({ step }) => step.id === id);
    if (!planned) throw new Error(`no step "${id}"`);
    return planned;
  }

  #result(id: string): Result {
    const result = this.#shared.results.get(id);
    if (!result) throw new Error(`${id} has no result yet`);
    return result;
  }
}

/** The declared outputs, each of them there. */
async function outputsOf({ step }: PlannedStep, { out }: Staged) {
  const outputs: Record<string, { path: string; kind: "file" | "sparse" }> = {};
  for (const { name, kind } of step.outputs) {
    const path = join(out, name);
    await access(path).catch(() => {
      throw new StepFailed(step.id, `it ended well but did not leave /out/${name}`);
    });
    outputs[name] = { path, kind };
  }
  return outputs;
}
