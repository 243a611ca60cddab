import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EngineLost } from "../diagnostic/failure.js";
import type { Engine } from "../engine/engine.js";
import type { Op } from "../ops/op.js";
import type { Plan, PlannedStep } from "../plan/step.js";
import type { OpenStore } from "../store/open.js";
import { withSpace } from "../store/space.js";
import type { Result } from "../store/store.js";
import type { RunEvent } from "./events.js";
import { openLogs } from "./logs.js";
import { readRemembered, remember } from "./remembered.js";
import { StepRuns } from "./step-runs.js";
import { wanted } from "./wanted.js";

export interface RunOptions {
  readonly store: OpenStore;
  /** Connects; asked only when a step really needs a container. */
  readonly engine: () => Promise<Engine>;
  readonly ops: ReadonlyMap<string, Op>;
  readonly emit: (event: RunEvent) => void;
  readonly signal: AbortSignal;
  /** The recipe's own: holds `logs/RUN/` and `last.json`, what was built last. */
  readonly stateDir: string;
  /** How many `io` steps run beside the one `cpu` step; default 4. */
  readonly jobs?: number;
  /** Brings results out of the store once all are there; gives paths by role for the last event. */
  readonly export?: (results: ReadonlyMap<string, Result>) => Promise<{ readonly [role: string]: string }>;
}

export interface RunOutcome {
  readonly run: string;
  /** Folder with events.ndjson and a log for each step that ran. */
  readonly logs: string;
  /** By step; without those that were neither stored nor needed. */
  readonly results: ReadonlyMap<string, Result>;
  readonly outputs: { readonly [role: string]: string };
}

/** How long cancelled steps get to let go, ms. */
const GRACE = 2500;

/**
 * Brings a plan into the store: what is there is reused, the rest is made, each step as soon as its needs are.
 * Throws what the first failing step threw (StepFailed, Refused, EngineLost), or the signal's reason; then no step
 * is left running.
 */
export async function runPlan(plan: Plan, options: RunOptions): Promise<RunOutcome> {
  const { store, stateDir } = options;
  const started = performance.now();
  const run = runName(plan.recipe);
  const logs = await withSpace(store.root, () => openLogs(join(stateDir, "logs"), run));
  let over = false;
  const emit = (event: RunEvent): void => {
    if (over) return;
    logs.record(event);
    options.emit(event);
  };
  const at = () => new Date().toISOString();
  const finish = (
    outcome: Extract<RunEvent, { type: "run-finished" }>["outcome"],
    outputs: { readonly [role: string]: string } = {},
  ): void => {
    emit({ type: "run-finished", at: at(), outcome, seconds: (performance.now() - started) / 1000, outputs });
    over = true;
  };
  emit({
    type: "run-started",
    at: at(),
    run,
    recipe: plan.recipe,
    steps: plan.steps.map(({ step, key, needs }) => ({ id: step.id, title: step.title, key, needs })),
  });
  const last = await readRemembered(stateDir);
  const results = new Map<string, Result>();
  try {
    await store.recordRun({ run, recipe: plan.recipe, at: at(), keys: plan.steps.map(({ key }) => key) });
    await Promise.all(plan.steps.map((planned) => lookUp(planned, store, results)));
    const toMake = wanted(plan, (step) => results.has(step));
    for (const { step, key } of plan.steps) {
      if (results.has(step.id) && !toMake.has(step.id)) emit({ type: "step-reused", at: at(), step: step.id, key });
    }
    const stop = new AbortController();
    const signal = AbortSignal.any([options.signal, stop.signal]);
    const steps = new StepRuns(plan, { ...options, emit, logs, last, results, signal, fail: (e) => stop.abort(e) });
    const settled = Promise.allSettled([...toMake].map((step) => steps.ensure(step)));
    const done = new AbortController();
    const late = aborted(signal).then(() => sleep(GRACE, undefined, { signal: done.signal }).catch(() => {}));
    await Promise.race([settled, late]);
    done.abort();
    steps.abandon();
    signal.throwIfAborted();
    const outputs = (await options.export?.(results)) ?? {};
    finish("built", outputs);
    return { run, logs: logs.folder, results, outputs };
  } catch (error) {
    finish(options.signal.aborted ? "cancelled" : error instanceof EngineLost ? "engine-lost" : "failed");
    throw options.signal.aborted ? options.signal.reason : error;
  } finally {
    const made = plan.steps.filter(({ step }) => results.has(step.id));
    await remember(stateDir, last, made).catch(() => {});
    await logs.close();
  }
}

async function lookUp(planned: PlannedStep, store: OpenStore, results: Map<string, Result>): Promise<void> {
  if (planned.step.reusable === false) return;
  const found = await store.find(planned.key);
  if (found) results.set(planned.step.id, found);
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

/** Sorts by time: `20261124T063608-cubieboard-1f3a`. */
function runName(recipe: string): string {
  const time = new Date().toISOString().replace(/[-:]|\..*$/g, "");
  return `${time}-${recipe}-${randomBytes(2).toString("hex")}`;
}
