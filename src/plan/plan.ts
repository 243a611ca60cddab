import { canonical, type Json, sha256 } from "../util/canonical.js";
import type { Facts, Input, Plan, PlannedStep, Step } from "./step.js";

/**
 * Gives every step its facts and key and puts them in order. Pure: equal steps, equal plan.
 * Throws on a cycle, on an unknown need and on a double id, which are mistakes of ours, not of a recipe.
 */
export function plan(recipe: string, steps: readonly Step[], exports: Plan["exports"]): Plan {
  const byId = new Map(steps.map((step) => [step.id, step]));
  if (byId.size !== steps.length) throw new Error("two steps of one id");
  const planned = new Map<string, PlannedStep>();
  const open = new Set<string>();

  const visit = (id: string): PlannedStep => {
    const done = planned.get(id);
    if (done) return done;
    const step = byId.get(id);
    if (!step) throw new Error(`no step "${id}"`);
    if (open.has(id)) throw new Error(`steps need each other: ${[...open, id].join(" → ")}`);
    open.add(id);
    const needs = [...new Set(step.inputs.flatMap((input) => ("step" in input.from ? [input.from.step] : [])))].sort();
    const keys = new Map(needs.map((need) => [need, visit(need).key]));
    const facts = factsOf(step, keys);
    const result = { step, needs, facts, key: sha256(canonical(facts)) };
    open.delete(id);
    planned.set(id, result);
    return result;
  };

  for (const step of steps) visit(step.id);
  return { recipe, steps: [...planned.values()], exports };
}

/** Everything a step's result depends on: its script or code, tool images, environment, inputs by content or by key. */
function factsOf(step: Step, keys: ReadonlyMap<string, string>): Facts {
  const outputs = step.outputs.map((output) => `${output.kind} ${output.name}`).sort();
  if (step.identity !== undefined) return { identity: step.identity, outputs };
  const inputs = Object.fromEntries(step.inputs.map((input) => [input.name, inputFact(input, keys)]));
  const { action } = step;
  if (action.kind === "container") {
    return {
      script: action.script,
      tool: action.tool as unknown as Json,
      env: action.env,
      network: action.network,
      caps: [...action.caps].sort(),
      inputs,
      outputs,
    };
  }
  return {
    op: action.op,
    args: action.args,
    code: action.code,
    tools: action.tools as unknown as Json,
    scripts: action.scripts,
    inputs,
    outputs,
  };
}

function inputFact(input: Input, keys: ReadonlyMap<string, string>): Json {
  if ("step" in input.from) return { key: keys.get(input.from.step) ?? "", output: input.from.output };
  if ("local" in input.from) return { file: input.from.local.shown, sha256: input.from.local.sha256 };
  return { text: input.from.text };
}
