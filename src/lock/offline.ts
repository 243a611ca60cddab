import type { Diagnostic } from "../diagnostic/diagnostic.js";
import type { Engine } from "../engine/engine.js";
import type { Plan, PlannedStep, ToolImage } from "../plan/step.js";
import type { Store } from "../store/store.js";

/**
 * Everything a build would need a network for, all at once: fetches whose result is not in the store, and tool images
 * that are not there, of the steps that would run. Empty: the build can go on offline.
 */
export async function missingOffline(
  plan: Plan,
  store: Pick<Store, "find">,
  engine: () => Promise<Pick<Engine, "hasTool">>,
): Promise<readonly Diagnostic[]> {
  const toRun = await stepsToRun(plan, store);
  const missing: Diagnostic[] = toRun.filter(fetches).map(({ step }) => ({
    severity: "error",
    code: "offline-missing",
    message: `${step.id} is not in the store (${step.title})`,
    help: "run the command once without --offline",
  }));
  const tools = new Map<string, ToolImage>();
  for (const { step } of toRun) {
    const used = step.action.kind === "container" ? [step.action.tool] : step.action.tools;
    for (const tool of used) tools.set(tool.name, tool);
  }
  if (tools.size === 0) return missing;
  const place = await engine();
  for (const tool of [...tools.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (await place.hasTool(tool)) continue;
    missing.push(toolMissing(tool));
  }
  return missing;
}

/** A tool image that would have to be made. */
export function toolMissing(tool: ToolImage): Diagnostic {
  const { name, base, packages } = tool;
  return {
    severity: "error",
    code: "offline-missing",
    message: `the tool image "${name}" is not made yet (${base.distro} ${base.suite} with ${packages.length} packages)`,
    help: "run the command once without --offline",
  };
}

/** The steps without a result, and those they are made from. */
async function stepsToRun(plan: Plan, store: Pick<Store, "find">): Promise<readonly PlannedStep[]> {
  const byId = new Map(plan.steps.map((planned) => [planned.step.id, planned]));
  const needed = new Set(plan.steps.flatMap(({ needs }) => needs));
  const seen = new Map<string, boolean>();
  const visit = async (id: string): Promise<void> => {
    const planned = byId.get(id);
    if (planned === undefined || seen.has(id)) return;
    const run = (await store.find(planned.key)) === undefined;
    seen.set(id, run);
    if (run) for (const need of planned.needs) await visit(need);
  };
  const goals = new Set(plan.exports.map(({ step }) => step));
  for (const { step } of plan.steps) if (goals.has(step.id) || !needed.has(step.id)) await visit(step.id);
  return plan.steps.filter(({ step }) => seen.get(step.id) === true);
}

function fetches({ step }: PlannedStep): boolean {
  return step.action.kind === "container" ? step.action.network === "fetch" : step.action.op === "fetch-http";
}
