import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PlannedStep } from "../plan/step.js";
import type { Result, Store } from "../store/store.js";

/** A step's inputs and outputs on this machine. */
export interface Staged {
  /** Absolute path by input name; read-only. */
  readonly inputs: { readonly [name: string]: string };
  /** Folder for the outputs, empty. */
  readonly out: string;
  /** Another empty folder. */
  readonly work: string;
}

/** Lays a step's inputs out: results and local files from the store, texts written below `folder`. */
export async function stage(
  planned: PlannedStep,
  store: Store,
  results: (step: string) => Result,
  folder: string,
): Promise<Staged> {
  const inputs: Record<string, string> = {};
  const texts = join(folder, "in");
  const out = join(folder, "out");
  const work = join(folder, "work");
  for (const path of [texts, out, work]) await mkdir(path);
  for (const { name, from } of planned.step.inputs) {
    if ("step" in from) {
      const object = results(from.step).outputs[from.output];
      if (!object) throw new Error(`${from.step} has no output ${from.output}, which ${planned.step.id} takes`);
      inputs[name] = store.path(object);
    } else if ("local" in from) {
      const { local } = from;
      const bring = local.kind === "tree" ? store.importTree : store.importFile;
      inputs[name] = store.path(await bring(local.path, local.sha256));
    } else {
      inputs[name] = join(texts, name);
      await writeFile(join(texts, name), from.text, { mode: 0o444 });
    }
  }
  return { inputs, out, work };
}
