import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { allObjects, allocatedBelow } from "./listing.js";
import { allResults } from "./results.js";
import { readRuns } from "./runs.js";

/** What one step's results take. An object that several steps share counts with the first by name. */
export interface StepUsage {
  readonly step: string;
  /** Recipes whose remembered runs used one of these results. */
  readonly recipes: readonly string[];
  readonly results: number;
  /** Bytes as files say, holes included. */
  readonly apparent: number;
  /** Bytes on the disk. */
  readonly allocated: number;
}

export interface Usage {
  readonly root: string;
  readonly steps: readonly StepUsage[];
  /** Objects that no result names: local files brought in, or what a removed result left. */
  readonly unnamed: { readonly objects: number; readonly apparent: number; readonly allocated: number };
  readonly caches: readonly { readonly name: string; readonly allocated: number }[];
  readonly scratch: number;
  /** Bytes on the disk, all together. */
  readonly allocated: number;
}

/** Who takes how much of a store, the largest first. */
export async function usage(root: string): Promise<Usage> {
  const users = new Map<string, Set<string>>();
  for (const run of await readRuns(root)) {
    for (const key of run.keys) users.set(key, (users.get(key) ?? new Set()).add(run.recipe));
  }
  const objects = new Map<string, { size: number; allocated: number }>();
  for await (const object of allObjects(root)) objects.set(`${object.kind} ${object.digest}`, object);

  const steps = new Map<string, { recipes: Set<string>; results: number; apparent: number; allocated: number }>();
  const results = [];
  for await (const result of allResults(root)) results.push(result);
  results.sort((a, b) => (`${a.step} ${a.key}` < `${b.step} ${b.key}` ? -1 : 1));
  for (const result of results) {
    const row = steps.get(result.step) ?? { recipes: new Set(), results: 0, apparent: 0, allocated: 0 };
    steps.set(result.step, row);
    row.results++;
    for (const recipe of users.get(result.key) ?? []) row.recipes.add(recipe);
    for (const { kind, digest } of Object.values(result.outputs)) {
      const object = objects.get(`${kind} ${digest}`);
      objects.delete(`${kind} ${digest}`);
      row.apparent += object?.size ?? 0;
      row.allocated += object?.allocated ?? 0;
    }
  }
  const unnamed = { objects: objects.size, apparent: 0, allocated: 0 };
  for (const object of objects.values()) {
    unnamed.apparent += object.size;
    unnamed.allocated += object.allocated;
  }
  const caches = [];
  for (const name of await readdir(join(root, "cache")).catch(() => [])) {
    caches.push({ name, allocated: await allocatedBelow(join(root, "cache", name)) });
  }
  const rows = [...steps].map(([step, row]) => ({ step, ...row, recipes: [...row.recipes].sort() }));
  const scratch = await allocatedBelow(join(root, "tmp"));
  const sum = (list: readonly { readonly allocated: number }[]) => list.reduce((all, one) => all + one.allocated, 0);
  return {
    root,
    steps: rows.sort((a, b) => b.allocated - a.allocated || (a.step < b.step ? -1 : 1)),
    unnamed,
    caches: caches.sort((a, b) => b.allocated - a.allocated),
    scratch,
    allocated: sum(rows) + unnamed.allocated + sum(caches) + scratch,
  };
}
