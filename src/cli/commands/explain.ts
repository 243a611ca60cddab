import { refuse } from "../../diagnostic/failure.js";
import { explain, summary } from "../../plan/explain.js";
import { readRemembered } from "../../run/remembered.js";
import { wanted } from "../../run/wanted.js";
import { openStore } from "../../store/open.js";
import type { CommandBody } from "../command.js";
import { planFor } from "../plan-for.js";

/** `boardsmith explain RECIPE [STEP]`: which fact changed since the last build, and what the next one would make again. */
export const run: CommandBody = async (cli, [recipe = "", only], flags) => {
  const { plan, storeRoot, stateDir } = await planFor(cli, recipe, flags);
  const ids = plan.steps.map(({ step }) => step.id);
  if (only !== undefined && !ids.includes(only)) {
    throw refuse("unknown-step", `${recipe} has no step "${only}"`, `its steps are ${ids.join(", ")}`);
  }
  const store = await openStore(storeRoot);
  const last = await readRemembered(stateDir);
  const stored = new Set<string>();
  for (const { step, key } of plan.steps) if (await store.find(key)) stored.add(step.id);
  const toMake = wanted(plan, (step) => stored.has(step));

  for (const id of only === undefined ? ids : [only]) {
    const changes = explain(plan, last, id);
    const known = last[id] !== undefined && changes?.length === 0;
    const state = toMake.has(id) ? "will be made" : stored.has(id) ? "stored" : "not needed";
    const why =
      changes === undefined
        ? "never built before"
        : known
          ? toMake.has(id)
            ? "its result is no longer in the store"
            : "nothing changed"
          : only === undefined
            ? summary(changes)
            : "";
    cli.stdout.write(`${id}: ${state}${why ? ` (${why})` : ""}\n`);
    if (only === undefined) continue;
    for (const { what, detail } of changes ?? []) {
      cli.stdout.write(`  ${what}\n${detail.map((line) => `    ${line}\n`).join("")}`);
    }
  }
  return 0;
};
