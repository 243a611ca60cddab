import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { refuse, StepFailed } from "../../diagnostic/failure.js";
import type { Engine } from "../../engine/engine.js";
import { changes, differences } from "../../kconfig/changes.js";
import type { Fragment } from "../../kconfig/fragment.js";
import { writeFragment } from "../../kconfig/write-fragment.js";
import { ops } from "../../ops/registry.js";
import { plan as planOf } from "../../plan/plan.js";
import type { ContainerAction, Plan, PlannedStep } from "../../plan/step.js";
import type { Spec } from "../../recipe/spec.js";
import { chooseView } from "../../report/choose.js";
import { containerJob } from "../../run/container-job.js";
import { runPlan } from "../../run/run.js";
import { type Staged, stage } from "../../run/stage.js";
import { kernelStepId } from "../../steps/kernel-outputs.js";
import { type OpenStore, openStore } from "../../store/open.js";
import { assets } from "../assets.js";
import type { Cli, CommandBody } from "../command.js";
import { loadMirrors } from "../mirrors.js";
import { obtainEngine } from "../offer-engine.js";
import { planFor } from "../plan-for.js";

/** `boardsmith kernel menuconfig RECIPE`: the real menuconfig in the container, and what was changed as a fragment. */
export const run: CommandBody = async (cli, [, recipe = ""], flags) => {
  if (!cli.stdin.isTTY || !cli.stdout.isTTY) {
    throw refuse("no-terminal", "menuconfig needs a terminal, and this is none", "run it from an interactive shell");
  }
  const { plan, spec, storeRoot, stateDir } = await planFor(cli, recipe, flags);
  const { kernel } = spec;
  if (kernel.kind !== "source") {
    throw refuse(
      "kernel-not-compiled",
      `the kernel of recipe "${spec.name}" was built elsewhere, so there is nothing to configure`,
      "menuconfig is for a kernel with `source:`",
    );
  }
  const id = kernelStepId(kernel.role);
  const planned = plan.steps.find(({ step }) => step.id === id);
  if (planned?.step.action.kind !== "container") throw new Error(`no container step ${id}`);

  const store = await openStore(storeRoot);
  const engine = await obtainEngine(cli, { yes: flags.yes === true, mirrors: await loadMirrors(cli, flags) });
  try {
    const results = await sources(cli, plan, planned, { store, engine, stateDir });
    await using scratch = await store.scratch("menuconfig");
    const staged = await stage(planned, store, (step) => found(results, step), scratch.path);
    const session = { cli, engine, planned, action: planned.step.action, staged, store, folder: scratch.path };
    await onTerminal(session, "menuconfig", undefined);
    const changed = await changedSymbols(session);
    await keep(cli, spec, kernel.fragments, flags, changed);
    return 0;
  } finally {
    await engine.close();
  }
};

interface Session {
  readonly cli: Cli;
  readonly engine: Engine;
  readonly planned: PlannedStep;
  readonly action: ContainerAction;
  readonly staged: Staged;
  readonly store: OpenStore;
  readonly folder: string;
}

/** Brings what the kernel's step takes (its source, its toolchain) into the store, as a build would. */
async function sources(
  cli: Cli,
  plan: Plan,
  kernel: PlannedStep,
  place: { readonly store: OpenStore; readonly engine: Engine; readonly stateDir: string },
): Promise<Awaited<ReturnType<typeof runPlan>>["results"]> {
  const wanted = new Set<string>();
  const want = (id: string): void => {
    wanted.add(id);
    for (const need of plan.steps.find(({ step }) => step.id === id)?.needs ?? []) want(need);
  };
  for (const need of kernel.needs) want(need);
  const steps = plan.steps.map(({ step }) => step).filter(({ id }) => wanted.has(id));
  const view = await chooseView(cli.stdout, cli.env, { json: false, plain: false, cwd: cli.cwd });
  try {
    const outcome = await runPlan(planOf(plan.recipe, steps, []), {
      store: place.store,
      engine: async () => place.engine,
      ops,
      emit: (event) => view.event(event),
      signal: cli.signal,
      stateDir: place.stateDir,
    });
    return outcome.results;
  } finally {
    await view.close();
  }
}

function found<T>(results: ReadonlyMap<string, T>, step: string): T {
  const result = results.get(step);
  if (!result) throw new Error(`${step} left no result`);
  return result;
}

/** Runs src/steps/NAME.sh where the kernel's step would run, on the terminal, with /work kept between the two of them. */
async function onTerminal(session: Session, name: string, changes: string | undefined): Promise<void> {
  const { cli, engine, staged, store, folder } = session;
  const files = assets(cli.home);
  const script = `${files.script("kbuild").trimEnd()}\n\n${files.text(`steps/${name}.sh`)}`;
  const action = { ...session.action, script };
  const job = await containerJob(session.planned.step, action, staged, store, folder);
  await engine.ensureTool(job.tool, (line) => void cli.stderr.write(`[${job.tool.name}] ${line}\n`), cli.signal);
  const mounts = [...job.mounts, { source: staged.work, target: "/work", readOnly: false }];
  if (changes !== undefined) {
    const source = join(folder, "changes");
    await writeFile(source, changes);
    mounts.push({ source, target: "/in/changes", readOnly: true });
  }
  const env = { ...job.env, TERM: cli.env["TERM"] ?? "linux" };
  const exitCode = await engine.interact({ ...job, name, mounts, env, signal: cli.signal });
  if (exitCode !== 0) throw new StepFailed(name, `${name} ended with exit code ${exitCode}`, { exitCode });
}

/** What was changed, reduced; then tried on the configuration before, and completed until it gives the one after. */
async function changedSymbols(session: Session): Promise<ReadonlyMap<string, string>> {
  const read = (name: string): Promise<string> => readFile(join(session.staged.out, name), "utf8");
  const before = { full: await read("before.config"), minimal: await read("before.defconfig") };
  const after = { full: await read("after.config"), minimal: await read("after.defconfig") };
  if (differences(before.full, after.full).size === 0) return new Map();
  let changed = changes(before, after);
  for (let round = 0; round < 3; round++) {
    await onTerminal(session, "menuconfig-check", writeFragment("", changed));
    const left = differences(await read("check.config"), after.full);
    if (left.size === 0) return changed;
    changed = new Map([...changed, ...left]);
  }
  return changed;
}

async function keep(
  cli: Cli,
  spec: Spec,
  fragments: readonly Fragment[],
  flags: { readonly [name: string]: unknown },
  changed: ReadonlyMap<string, string>,
): Promise<void> {
  if (changed.size === 0) {
    cli.stdout.write("nothing was changed, so nothing is written\n");
    return;
  }
  const folder = dirname(spec.file);
  const named = flags["fragment"] as string | undefined;
  const path = named ? resolve(cli.cwd, named) : join(folder, "kernel", `${spec.name}.menuconfig.config`);
  const old = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, writeFragment(old, changed));
  const symbols = `${changed.size} ${changed.size === 1 ? "symbol" : "symbols"}`;
  cli.stdout.write(`${symbols} written to ${relative(cli.cwd, path)}:\n`);
  for (const line of writeFragment("", changed).trimEnd().split("\n")) cli.stdout.write(`  ${line}\n`);
  if (fragments.some((fragment) => fragment.path === path)) return;
  const list = [...fragments.map(({ name }) => name), relative(folder, path)].join(", ");
  cli.stdout.write(
    `to build with it, write in ${relative(cli.cwd, spec.file)}:\n  kernel:\n    fragments: [${list}]\n`,
  );
}
