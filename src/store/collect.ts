import { rm } from "node:fs/promises";
import { allObjects } from "./listing.js";
import { resultPath } from "./paths.js";
import { allResults } from "./results.js";
import { forgetRun, readRuns } from "./runs.js";
import { sweep } from "./scratch.js";

export interface Collected {
  /** Results and objects that went, or would have with `dryRun`. */
  readonly results: readonly { readonly step: string; readonly key: string; readonly at: string }[];
  readonly objects: number;
  /** Bytes freed on the disk. */
  readonly freed: number;
  /** Other boardsmiths at work: objects without a result may be theirs and were left alone. */
  readonly others: number;
  /** Scratch folders of dead processes that this user may not remove. */
  readonly left: readonly string[];
}

/**
 * Removes results that none of the last `keepRuns` runs of any recipe used and that are older than `keepDays`,
 * then the objects that no result names any more.
 */
export async function collect(
  root: string,
  options: { readonly keepRuns: number; readonly keepDays: number; readonly dryRun: boolean },
): Promise<Collected> {
  const { left, others } = await sweep(root);
  const runs = await readRuns(root);
  const kept = new Set<string>();
  const seen = new Map<string, number>();
  for (const run of runs) {
    const nth = (seen.get(run.recipe) ?? 0) + 1;
    seen.set(run.recipe, nth);
    if (nth <= options.keepRuns) for (const key of run.keys) kept.add(key);
    else if (!options.dryRun) await forgetRun(root, run.run);
  }
  const youngest = Date.now() - options.keepDays * 24 * 60 * 60 * 1000;
  const results: { step: string; key: string; at: string }[] = [];
  const named = new Set<string>();
  for await (const { key, step, at, outputs } of allResults(root)) {
    if (kept.has(key) || Date.parse(at) > youngest) {
      for (const { kind, digest } of Object.values(outputs)) named.add(`${kind} ${digest}`);
    } else {
      results.push({ step, key, at });
      // The result goes before its objects: a result never names what is not there.
      if (!options.dryRun) await rm(resultPath(root, key), { force: true });
    }
  }
  let objects = 0;
  let freed = 0;
  for await (const object of allObjects(root)) {
    if (named.has(`${object.kind} ${object.digest}`) || others > 0) continue;
    objects++;
    freed += object.allocated;
    if (!options.dryRun) await rm(object.path, { force: true });
  }
  return { results: results.sort((a, b) => (a.at < b.at ? -1 : 1)), objects, freed, others, left };
}
