import { createReadStream } from "node:fs";
import { access, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { refuse } from "../../diagnostic/failure.js";
import { replay } from "../../report/replay.js";
import { isRunning, logName } from "../../run/logs.js";
import { type PastRun, pastRuns } from "../../run/past-runs.js";
import type { Cli, CommandBody } from "../command.js";
import { placesFor } from "../plan-for.js";

/** `boardsmith logs [RECIPE] [STEP]`: the last run's log, followed while it runs; a step's whole log; `--list` the runs. */
export const run: CommandBody = async (cli, [recipe, step], flags) => {
  const { storeRoot } = placesFor(cli, { name: "any", file: "" }, flags);
  const runs = await runsIn(join(storeRoot, "state"), recipe);
  if (flags.list) {
    for (const { run, recipe, at } of runs) cli.stdout.write(`${at}  ${recipe}  ${run}\n`);
    return 0;
  }
  const [last] = runs;
  if (!last) {
    const of = recipe === undefined ? "" : ` of ${recipe}`;
    throw refuse(
      "no-runs",
      `no run${of} is recorded in ${storeRoot}`,
      "build something first, or name the store with --store",
    );
  }
  if (step === undefined) await showRun(cli, last, Boolean(flags.json));
  else await showStep(cli, runs, step);
  return 0;
};

async function showRun(cli: Cli, run: PastRun, json: boolean): Promise<void> {
  const view = json
    ? (await import("../../report/json.js")).jsonView(cli.stdout)
    : (await import("../../report/plain.js")).plainView(cli.stdout, { cwd: cli.cwd });
  const running = () => isRunning(run.folder);
  await replay(join(run.folder, "events.ndjson"), view, { signal: cli.signal, running });
}

/** The newest log of that step: a run that reused its result has none. */
async function showStep(cli: Cli, runs: readonly PastRun[], step: string): Promise<void> {
  for (const { folder } of runs) {
    const path = join(folder, logName(step));
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    ) {
      await pipeline(createReadStream(path), cli.stdout, { end: false });
      return;
    }
  }
  const known = new Set<string>();
  for (const { folder } of runs)
    for (const name of await readdir(folder)) if (name.endsWith(".log")) known.add(basename(name, ".log"));
  throw refuse(
    "no-log",
    `no recorded run has a log of step "${step}"`,
    `there are logs of ${[...known].sort().join(", ") || "no step"}`,
  );
}

/** Runs of a recipe (all, without one) over all its files of that name, newest first. */
async function runsIn(states: string, recipe: string | undefined): Promise<readonly PastRun[]> {
  const name = recipe === undefined ? undefined : basename(recipe).replace(/\.ya?ml$/, "");
  const runs: PastRun[] = [];
  for (const state of await readdir(states).catch(() => [])) {
    // The folder's name ends in a digest of the recipe file's path.
    if (name === undefined || state.replace(/-[0-9a-f]{8}$/, "") === name)
      runs.push(...(await pastRuns(join(states, state, "logs"))));
  }
  return runs.sort((a, b) => (a.at < b.at ? 1 : -1));
}
