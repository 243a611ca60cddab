import { conceal } from "../../plan/conceal.js";
import type { Plan, PlannedStep } from "../../plan/step.js";
import { openStore } from "../../store/open.js";
import type { CommandBody } from "../command.js";
import { planFor } from "../plan-for.js";

/** `boardsmith plan RECIPE`: what a build would do, without an engine. */
export const run: CommandBody = async (cli, args, flags) => {
  const { plan, storeRoot } = await planFor(cli, args[0] ?? "", flags);
  const store = await openStore(storeRoot);
  const stored = new Map<string, boolean>();
  for (const { key } of plan.steps) stored.set(key, (await store.find(key)) !== undefined);
  const is = (planned: PlannedStep): boolean => stored.get(planned.key) ?? false;
  cli.stdout.write(flags.json ? asJson(plan, is) : flags.dot ? asDot(plan, is) : asText(plan, is));
  return 0;
};

type IsStored = (planned: PlannedStep) => boolean;

function asText(plan: Plan, stored: IsStored): string {
  const width = Math.max(...plan.steps.map(({ step }) => step.id.length));
  const lines = plan.steps.map((planned) => {
    const needs = planned.needs.length > 0 ? `  ← ${planned.needs.join(", ")}` : "";
    const state = stored(planned) ? "stored" : "to do ";
    return `  ${planned.step.id.padEnd(width)}  ${state}  ${planned.key.slice(0, 12)}  ${planned.step.title}${needs}`;
  });
  const open = plan.steps.filter((planned) => !stored(planned)).length;
  const exported = plan.exports.map((one) => one.as).join(", ");
  return `${plan.recipe}: ${plan.steps.length} steps, ${open} to do\n${lines.join("\n")}\n  gives ${exported}\n`;
}

function asJson(plan: Plan, stored: IsStored): string {
  const steps = plan.steps.map((planned) => ({
    id: planned.step.id,
    title: planned.step.title,
    key: planned.key,
    needs: planned.needs,
    stored: stored(planned),
    outputs: planned.step.outputs,
    facts: conceal(planned.facts),
  }));
  return `${JSON.stringify({ recipe: plan.recipe, steps, exports: plan.exports }, null, 2)}\n`;
}

function asDot(plan: Plan, stored: IsStored): string {
  const nodes = plan.steps.map(
    (planned) =>
      `  "${planned.step.id}" [label="${planned.step.id}\\n${planned.key.slice(0, 12)}"${stored(planned) ? ", style=filled, fillcolor=lightgrey" : ""}];`,
  );
  const edges = plan.steps.flatMap((planned) => planned.needs.map((need) => `  "${need}" -> "${planned.step.id}";`));
  return [`digraph "${plan.recipe}" {`, "  rankdir=LR;", "  node [shape=box];", ...nodes, ...edges, "}", ""].join("\n");
}
