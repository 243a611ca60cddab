import { basename, join } from "node:path";
import type { Diagnostic } from "../diagnostic/diagnostic.js";
import type { Files, Homes } from "../diagnostic/files.js";
import type { Placed } from "../diagnostic/placed.js";
import { didYouMean } from "../diagnostic/suggest.js";
import { validate } from "../diagnostic/validate.js";
import { parseYaml } from "../diagnostic/yaml.js";
import type { Model } from "./model.js";
import { ModelSchema } from "./model-schema.js";

/** A fast model, or why there is none; `read` names the file it was made from. */
export interface LoadedModel {
  readonly model?: Model;
  readonly read: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Names of all fast models of the user's folder and of boardsmith's own, sorted. */
export async function listModels(files: Files, { cwd, home }: Homes): Promise<readonly string[]> {
  const lists = await Promise.all([cwd, home].map((folder) => files.list(join(folder, "boards/models"))));
  const names = lists.flat().filter((name) => name.endsWith(".yaml"));
  return [...new Set(names.map((name) => basename(name, ".yaml")))].sort();
}

/** Loads `boards/models/NAME.yaml`, the user's before boardsmith's. `at` is where the name was written. */
export async function loadModel(name: string, files: Files, homes: Homes, at?: Placed["at"]): Promise<LoadedModel> {
  const known = await listModels(files, homes);
  const file = known.includes(name)
    ? await firstThere(
        [homes.cwd, homes.home].map((folder) => join(folder, "boards/models", `${name}.yaml`)),
        files,
      )
    : undefined;
  if (file === undefined) {
    const help = didYouMean(name, known);
    const mistake: Diagnostic = {
      severity: "error",
      code: "unknown-model",
      message: `no fast model is named "${name}"`,
      ...(at ? { at } : {}),
      ...(help ? { help } : {}),
    };
    return { read: [], diagnostics: [mistake] };
  }
  const { root, diagnostics: unread } = parseYaml(file, (await files.text(file)) ?? "");
  if (root === undefined) return { read: [file], diagnostics: unread };
  const { value, diagnostics } = validate(ModelSchema, root);
  const all = [...unread, ...diagnostics];
  if (value === undefined) return { read: [file], diagnostics: all };
  const { gic, "sys-flags": sysFlags, "device-tree": deviceTree, "disk-modules": diskModules, ...same } = value;
  const model: Model = {
    name,
    ...same,
    gic: { distributor: gic.distributor, cpuInterface: gic["cpu-interface"] },
    sysFlags,
    deviceTree,
    diskModules,
  };
  return { model, read: [file], diagnostics: all };
}

async function firstThere(paths: readonly string[], files: Files): Promise<string | undefined> {
  for (const path of paths) if ((await files.stat(path)) === "file") return path;
  return undefined;
}
