import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { refuse } from "../../diagnostic/failure.js";
import type { Job, Mount } from "../../engine/engine.js";
import { containerTool, type OpAction, type Plan, type PlannedStep } from "../../plan/step.js";
import { containerJob, type QuietJob } from "../../run/container-job.js";
import { type Staged, stage } from "../../run/stage.js";
import { openStore } from "../../store/open.js";
import type { Result, Store } from "../../store/store.js";
import type { CommandBody } from "../command.js";
import { loadMirrors } from "../mirrors.js";
import { obtainEngine } from "../offer-engine.js";
import { planFor } from "../plan-for.js";

/** `boardsmith shell RECIPE STEP`: a shell in the step's container, with its inputs and its script in place. */
export const run: CommandBody = async (cli, args, flags) => {
  const [recipe = "", id = ""] = args;
  const { plan, storeRoot } = await planFor(cli, recipe, flags);
  const planned = stepOf(plan, id);
  if (!cli.stdin.isTTY || !cli.stdout.isTTY) {
    throw refuse("no-terminal", "a shell needs a terminal, and this is none", "run it from an interactive shell");
  }
  const store = await openStore(storeRoot);
  const results = await needed(plan, planned, store, recipe);
  await using scratch = await store.scratch(`shell ${id}`);
  const staged = await stage(planned, store, (step) => results.get(step) as Result, scratch.path);
  const job = await jobFor(planned, staged, store, scratch.path);
  const engine = await obtainEngine(cli, { yes: flags.yes === true, mirrors: await loadMirrors(cli, flags) });
  const say = (line: string) => void cli.stderr.write(`[${job.tool.name}] ${line}\n`);
  await engine.ensureTool(job.tool, say, cli.signal);
  cli.stdout.write(greeting(plan, planned, job));
  const term: { readonly [name: string]: string } = cli.env.TERM ? { TERM: cli.env.TERM } : {};
  const code = await engine.interact({ ...shellIn(job), env: { ...job.env, ...term }, signal: cli.signal });
  await engine.close();
  return code;
};

/** The planned step of that name; refuses with the names there are. */
function stepOf(plan: Plan, id: string): PlannedStep {
  const planned = plan.steps.find(({ step }) => step.id === id);
  if (planned) return planned;
  const names = plan.steps.map(({ step }) => step.id).join(", ");
  throw refuse("unknown-step", `${plan.recipe} has no step "${id}"`, `its steps are ${names}`);
}

/** The results a step takes; refuses with the names of those that are not in the store. */
async function needed(
  plan: Plan,
  planned: PlannedStep,
  store: Store,
  recipe: string,
): Promise<ReadonlyMap<string, Result>> {
  const results = new Map<string, Result>();
  const missing: string[] = [];
  for (const need of planned.needs) {
    const key = plan.steps.find(({ step }) => step.id === need)?.key ?? "";
    const result = await store.find(key);
    if (result) results.set(need, result);
    else missing.push(need);
  }
  if (missing.length === 0) return results;
  throw refuse(
    "not-built",
    `step ${planned.step.id} takes what ${missing.join(" and ")} ${missing.length > 1 ? "make" : "makes"}, which is not built yet`,
    `run "boardsmith build ${recipe}" first, as far as it goes`,
  );
}

async function jobFor(planned: PlannedStep, staged: Staged, store: Store, folder: string): Promise<QuietJob> {
  const { step } = planned;
  if (step.action.kind === "container") return containerJob(step, step.action, staged, store, folder);
  const tool = containerTool(step);
  if (!tool) {
    throw refuse(
      "no-container",
      `step ${step.id} runs inside boardsmith and needs no container`,
      "name a step that compiles, unpacks or writes something",
    );
  }
  const inputs = Object.entries(staged.inputs).map(([name, source]) => ({
    source,
    target: `/in/${name}`,
    readOnly: true,
  }));
  const mounts = [...inputs, { source: staged.out, target: "/out", readOnly: false }];
  const scripts = await layDown(step.action, folder);
  return {
    name: step.id,
    tool,
    argv: [],
    env: { LC_ALL: "C.UTF-8" },
    mounts: [...mounts, ...scripts],
    network: "none",
    caps: [],
  };
}

/** An op's scripts as /scripts/NAME.sh. */
async function layDown(action: OpAction, folder: string): Promise<readonly Mount[]> {
  return Promise.all(
    Object.entries(action.scripts).map(async ([name, text]) => {
      const source = join(folder, `${name}.sh`);
      await writeFile(source, text);
      await chmod(source, 0o555);
      return { source, target: `/scripts/${name}.sh`, readOnly: true };
    }),
  );
}

/** The same job, but a shell; what it leaves in folders of ours is given to their owner, so that it can be removed. */
function shellIn(job: QuietJob): Omit<Job, "onLine" | "signal"> {
  const writable = job.mounts.filter(({ readOnly }) => !readOnly).map(({ target }) => `'${target}'`);
  const script = [
    "mkdir -p /work; cd /work; bash; code=$?",
    `for path in ${writable.join(" ")}; do`,
    '  owner=$(stat -c %u:%g "$path")',
    '  [ "$owner" = 0:0 ] || chown -hR "$owner" "$path" || true',
    "done",
    "exit $code",
  ];
  return { ...job, argv: ["sh", "-c", script.join("\n")] };
}

function greeting(plan: Plan, { step }: PlannedStep, job: QuietJob): string {
  const at = (folder: string) => job.mounts.map(({ target }) => target).filter((target) => target.startsWith(folder));
  const inputs = at("/in/");
  const caches = at("/cache/");
  const scripts = at("/scripts/");
  const run = step.action.kind === "container" ? "sh -eu /step.sh" : scripts.map((path) => `sh -eu ${path}`).join(", ");
  const lines = [
    `step ${step.id} of ${plan.recipe} in the ${job.tool.name} image; "exit" leaves, and nothing is kept but caches`,
    `  inputs   ${inputs.length > 0 ? inputs.join(" ") : "none"}`,
    `  outputs  ${step.outputs.map(({ name }) => `/out/${name}`).join(" ")}`,
    ...(caches.length > 0 ? [`  caches   ${caches.join(" ")}`] : []),
    ...(run ? [`  run      ${run}`] : []),
  ];
  return `${lines.join("\n")}\n`;
}
