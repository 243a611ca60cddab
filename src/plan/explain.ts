import type { Json } from "../util/canonical.js";
import { conceal } from "./conceal.js";
import { lineDifference, listDifference, valueDifference } from "./difference.js";
import type { Facts, Plan } from "./step.js";

/** One fact that changed, in the recipe's words, and how, a line each. */
export interface Change {
  readonly what: string;
  readonly detail: readonly string[];
}

/** What a step was made from the last time. */
export type Remembered = { readonly [step: string]: { readonly key: string; readonly facts: Facts } };

/**
 * What changed for a step since the last build; a need that changed is followed to what changed there.
 * Empty when nothing did, undefined when the step was never built. Secrets are never shown.
 */
export function explain(plan: Plan, last: Remembered, stepId: string): readonly Change[] | undefined {
  const before = last[stepId];
  const now = plan.steps.find(({ step }) => step.id === stepId);
  if (!now) throw new Error(`no step "${stepId}"`);
  if (!before) return undefined;
  if (before.key === now.key) return [];
  const own = factChanges(stepId, before.facts, now.facts);
  const deeper = now.needs.flatMap((need) =>
    (explain(plan, last, need) ?? [{ what: `${need} is new`, detail: [] }]).map(({ what, detail }) => ({
      what,
      detail,
    })),
  );
  const all = [...own, ...deeper].filter((one, at, list) => list.findIndex(({ what }) => what === one.what) === at);
  return all.length > 0 ? all : [{ what: "a secret of the recipe changed", detail: [] }];
}

/** One short line out of changes. */
export function summary(changes: readonly Change[]): string {
  const shown = changes.slice(0, 3).map(({ what, detail }) => (detail.length === 1 ? `${what}: ${detail[0]}` : what));
  return [...shown, ...(changes.length > 3 ? [`${changes.length - 3} more`] : [])].join("; ");
}

type Entries = { readonly [name: string]: Json };
const entries = (value: Json | undefined): Entries =>
  value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Entries) : {};
const both = (a: Entries, b: Entries): string[] => [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
const same = (a: Json | undefined, b: Json | undefined): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The difference of two facts of one step, without what its needs' keys stand for. */
export function factChanges(stepId: string, was: Facts, is: Facts): readonly Change[] {
  const before = conceal(was);
  const after = conceal(is);
  return both(before, after)
    .filter((name) => !same(before[name], after[name]))
    .flatMap((name) => oneFact(stepId, name, before[name], after[name], entries(after).op ?? ""));
}

function oneFact(
  stepId: string,
  name: string,
  was: Json | undefined,
  is: Json | undefined,
  op: Json,
): readonly Change[] {
  switch (name) {
    case "identity":
      return [{ what: `${stepId} is another pin`, detail: valueDifference(was, is) }];
    case "script":
      return [{ what: `the script of ${stepId} changed`, detail: lineDifference(String(was ?? ""), String(is ?? "")) }];
    case "scripts":
      return both(entries(was), entries(is))
        .filter((one) => !same(entries(was)[one], entries(is)[one]))
        .map((one) => ({
          what: `the script ${one} of ${stepId} changed`,
          detail: lineDifference(String(entries(was)[one] ?? ""), String(entries(is)[one] ?? "")),
        }));
    case "code":
      return [{ what: `boardsmith's own code for "${op}" changed`, detail: [] }];
    case "tool":
      return toolChanges(entries(was), entries(is));
    case "tools":
      return toolsChanges(was, is);
    case "inputs":
      return both(entries(was), entries(is)).flatMap((one) =>
        inputChange(stepId, one, entries(entries(was)[one]), entries(entries(is)[one])),
      );
    case "args":
      return valueDifference(was, is).map((line) => ({ what: `recipe: ${line}`, detail: [] }));
    case "env":
      return valueDifference(was, is).map((line) => ({ what: `setting ${line}`, detail: [] }));
    default:
      return [{ what: `${name} of ${stepId} changed`, detail: valueDifference(was, is) }];
  }
}

function toolChanges(was: Entries, is: Entries): readonly Change[] {
  if (same(was, is)) return [];
  const detail = [
    ...listDifference(was.packages, is.packages).map((line) => `package ${line}`),
    ...valueDifference(was.base, is.base),
  ];
  const name = String(is.name ?? was.name);
  if (same(was.name, is.name)) return [{ what: `tool image ${name} changed`, detail }];
  return [{ what: `tool image ${is.name ?? "(none)"} instead of ${was.name ?? "(none)"}`, detail }];
}

function toolsChanges(was: Json | undefined, is: Json | undefined): readonly Change[] {
  const byName = (list: Json | undefined): Entries =>
    Object.fromEntries((Array.isArray(list) ? list : []).map((one: Json) => [String(entries(one).name), one]));
  const [before, after] = [byName(was), byName(is)];
  return both(before, after).flatMap((name) => toolChanges(entries(before[name]), entries(after[name])));
}

function inputChange(stepId: string, name: string, was: Entries, is: Entries): readonly Change[] {
  if (same(was, is)) return [];
  const file = is.file ?? was.file;
  if (was.sha256 !== undefined && is.sha256 !== undefined) {
    const what = was.file === is.file ? `${file} changed` : `${is.file} instead of ${was.file}`;
    return [{ what, detail: [] }];
  }
  if (was.text !== undefined && is.text !== undefined) {
    return [{ what: `${name} of ${stepId} changed`, detail: lineDifference(String(was.text), String(is.text)) }];
  }
  // A need's key: what changed there is told in that step's own words.
  if (was.key !== undefined && is.key !== undefined) {
    return same(was.output, is.output) ? [] : [{ what: `${stepId} takes ${is.output} as ${name}`, detail: [] }];
  }
  if (Object.keys(was).length === 0) return [{ what: `${file ?? name} was added to ${stepId}`, detail: [] }];
  if (Object.keys(is).length === 0) return [{ what: `${file ?? name} was removed from ${stepId}`, detail: [] }];
  return [{ what: `${name} of ${stepId} comes from elsewhere`, detail: [] }];
}
