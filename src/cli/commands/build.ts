import { mkdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { Refused, StepFailed } from "../../diagnostic/failure.js";
import type { Engine } from "../../engine/engine.js";
import { ensurePins } from "../../lock/ensure.js";
import { missingOffline } from "../../lock/offline.js";
import { ops } from "../../ops/registry.js";
import type { Plan } from "../../plan/step.js";
import type { Spec } from "../../recipe/spec.js";
import { chooseView } from "../../report/choose.js";
import { runPlan } from "../../run/run.js";
import { openStore } from "../../store/open.js";
import type { Result, Store } from "../../store/store.js";
import type { Mirror } from "../../util/mirror.js";
import { assets } from "../assets.js";
import { builtReport } from "../built-report.js";
import type { Cli, CommandBody } from "../command.js";
import { type Exported, exportBuild } from "../export.js";
import type { FinishedBuild } from "../finished-build.js";
import { loadMirrors } from "../mirrors.js";
import { obtainEngine } from "../offer-engine.js";
import { loadSpec, lockFileOf, placesFor, planWith } from "../plan-for.js";
import { rememberUnchanged } from "../unchanged.js";
import { version } from "../version.js";

/** `boardsmith build RECIPE`: the main job. */
export const run: CommandBody = async (cli, [recipe = ""], flags) => {
  const spec = await loadSpec(cli, recipe);
  const places = placesFor(cli, spec, flags);
  const store = await openStore(places.storeRoot);
  const mirrors = await loadMirrors(cli, flags);
  await using engine = lazyEngine(cli, flags, mirrors);
  const say = (line: string) => void (flags.json ? cli.stderr : cli.stdout).write(`${line}\n`);
  const pins = await ensurePins(spec, lockFileOf(spec), {
    assets: assets(cli.home),
    mirrors,
    offline: flags.offline === true,
    engine: engine.get,
    store,
    signal: cli.signal,
    say,
  });
  const plan = await planWith(cli, spec, pins, flags);
  if (flags.offline) {
    const missing = await missingOffline(plan, store, engine.get);
    if (missing.length > 0) throw new Refused(missing);
  }

  await mkdir(dirname(places.outDir), { recursive: true });
  const view = await chooseView(cli.stdout, cli.env, {
    json: flags.json === true,
    plain: flags.plain === true,
    cwd: cli.cwd,
  });
  const build = { plan, spec, pins, store, version: version(cli.home) };
  let exported: Exported | undefined;
  try {
    await runPlan(plan, {
      store,
      engine: engine.get,
      ops,
      emit: (event) => view.event(event),
      signal: cli.signal,
      stateDir: places.stateDir,
      export: async (results) => {
        exported = await exportBuild(places.outDir, build, results, undefined);
        return exported.files;
      },
    });
  } catch (error) {
    await view.close();
    await exportUnproven(places.outDir, build, error);
    throw error;
  }
  await view.close();
  if (flags.check) await checkTwice(cli, flags, build);
  if (!exported) return 0;
  const report = await builtReport(spec, exported, cli.cwd);
  if (!flags.json) cli.stdout.write(report.fresh);
  if (exported.proven && !flags.out && !flags.store) {
    rememberUnchanged({
      cwd: cli.cwd,
      env: cli.env,
      home: cli.home,
      name: recipe,
      files: [...spec.files, lockFileOf(spec), ...Object.values(exported.files)],
      absent: shadows(cli, spec),
      report: report.unchanged,
    });
  }
  return 0;
};

/** Connects at the first question, and lets go at the end. */
function lazyEngine(cli: Cli, flags: { readonly [name: string]: unknown }, mirrors: readonly Mirror[]) {
  let engine: Promise<Engine> | undefined;
  return {
    get: (): Promise<Engine> => {
      engine ??= obtainEngine(cli, { yes: flags.yes === true, mirrors });
      return engine;
    },
    [Symbol.asyncDispose]: async () => {
      await (await engine?.catch(() => undefined))?.close();
    },
  };
}

/** A proof that failed leaves an image worth looking at: it is brought out, marked as unproven. */
async function exportUnproven(outDir: string, build: FinishedBuild, error: unknown): Promise<void> {
  if (!(error instanceof StepFailed) || error.step !== "proof") return;
  const results = new Map<string, Result>();
  for (const { step, key } of build.plan.steps) {
    const result = await build.store.find(key);
    if (result && step.id !== "proof") results.set(step.id, result);
  }
  await exportBuild(outDir, build, results, `The boot proof failed: ${error.message}`);
}

/** `--check`: everything but the fetches once more in a store of its own; every output must have the same bytes. */
async function checkTwice(
  cli: Cli,
  flags: { readonly [name: string]: unknown },
  build: { readonly plan: Plan; readonly store: Store },
): Promise<void> {
  const { plan, store } = build;
  await using scratch = await store.scratch("check");
  const second = await openStore(join(scratch.path, "store"));
  await using engine = lazyEngine(cli, flags, await loadMirrors(cli, flags));
  const view = await chooseView(cli.stdout, cli.env, { json: flags.json === true, plain: true, cwd: cli.cwd });
  const steps = plan.steps.filter(({ step }) => step.id !== "proof");
  for (const { step, key, facts } of steps) {
    const first = step.identity !== undefined ? await store.find(key) : undefined;
    if (!first) continue;
    const { copyFile } = await import("node:fs/promises");
    const outputs: Record<string, { path: string; kind: "file" | "sparse" }> = {};
    for (const [name, object] of Object.entries(first.outputs)) {
      const path = join(scratch.path, `${key}-${name}`);
      await copyFile(store.path(object), path);
      outputs[name] = { path, kind: object.kind };
    }
    await second.commit(key, step.id, facts, outputs, first.seconds);
  }
  const { results } = await runPlan(
    { ...plan, steps, exports: plan.exports.filter(({ step }) => step !== "proof") },
    {
      store: second,
      engine: engine.get,
      ops,
      emit: (event) => view.event(event),
      signal: cli.signal,
      stateDir: join(scratch.path, "state"),
    },
  );
  await view.close();
  const differing: string[] = [];
  for (const { step, key } of steps) {
    const [before, after] = [await store.find(key), results.get(step.id)];
    for (const [name, object] of Object.entries(after?.outputs ?? {})) {
      if (before?.outputs[name]?.digest !== object.digest) differing.push(`${step.id}: ${name}`);
    }
  }
  if (differing.length > 0)
    throw new StepFailed("check", `built twice, and these outputs differ: ${differing.join(", ")}`);
  if (!flags.json) cli.stdout.write(`built twice: ${steps.length} steps gave the same bytes\n`);
}

/** Files that would be taken instead of the ones that were, if somebody made them. */
function shadows(cli: Cli, spec: Spec): readonly string[] {
  return spec.files
    .filter((file) => file.startsWith(`${cli.home}/`))
    .map((file) => join(cli.cwd, relative(cli.home, file)))
    .filter((file) => !spec.files.includes(file));
}
