import type { Plan } from "../plan/step.js";

/**
 * Which steps have to run: what leaves the store and nothing else needs, and, where its result is missing,
 * whatever it is made from. The result of a step that only fed found results is not missed.
 */
export function wanted(plan: Plan, found: (step: string) => boolean): ReadonlySet<string> {
  const needed = new Set(plan.steps.flatMap(({ needs }) => needs));
  const goals = new Set(plan.exports.map(({ step }) => step));
  const byId = new Map(plan.steps.map((planned) => [planned.step.id, planned]));
  const run = new Set<string>();
  const visit = (id: string): void => {
    const planned = byId.get(id);
    if (!planned) throw new Error(`no step "${id}"`);
    if (run.has(id) || (found(id) && planned.step.reusable !== false)) return;
    run.add(id);
    planned.needs.forEach(visit);
  };
  for (const { step } of plan.steps) if (goals.has(step.id) || !needed.has(step.id)) visit(step.id);
  return run;
}
