import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { Refused, refuse } from "../diagnostic/failure.js";
import type { Files } from "../diagnostic/files.js";
import { renderDiagnostics } from "../diagnostic/render.js";
import { plan } from "../plan/plan.js";
import type { Plan } from "../plan/step.js";
import { findRecipe } from "../recipe/find.js";
import { type LoadedRecipe, loadRecipe } from "../recipe/load.js";
import { pinsFor } from "../recipe/lock-file.js";
import type { Pins } from "../recipe/pins.js";
import type { Spec } from "../recipe/spec.js";
import { allSteps } from "../steps/all.js";
import { checkKernel } from "../steps/kernel.js";
import { checkKernelLine } from "../steps/kernel-line.js";
import { checkUBoot } from "../steps/uboot.js";
import { checkXenFragments } from "../steps/xen.js";
import { sha256 } from "../util/canonical.js";
import { assets } from "./assets.js";
import type { Cli } from "./command.js";
import { loadMirrors } from "./mirrors.js";
import { nodeFiles } from "./node-files.js";
import { storeRootOf } from "./store-root.js";

type Flags = { readonly [name: string]: unknown };

/** Folders a command works in. */
export interface Places {
  /** Objects and results, shared by all recipes. */
  readonly storeRoot: string;
  /** What boardsmith remembers of one recipe file: its last facts and its logs. */
  readonly stateDir: string;
  /** Where one recipe's image and its company are put. */
  readonly outDir: string;
}

/** Loads a recipe file and checks all of it, also what only planning knows: what its fragments overrule of lvm2's, how long the kernel's command line is. */
export async function loadChecked(
  cli: Pick<Cli, "cwd" | "home">,
  file: string,
  files: Files = nodeFiles(),
): Promise<LoadedRecipe> {
  const { spec, diagnostics } = await loadRecipe(file, files, { cwd: cli.cwd, home: cli.home });
  if (!spec) return { diagnostics };
  const all = [
    ...diagnostics,
    ...checkKernel(spec, assets(cli.home)),
    ...checkXenFragments(spec),
    ...checkUBoot(spec, assets(cli.home)),
    ...checkKernelLine(spec),
  ];
  return all.some(({ severity }) => severity === "error") ? { diagnostics: all } : { spec, diagnostics: all };
}

/** Reads a recipe by name or path and checks all of it; throws Refused with every mistake. */
export async function loadSpec(cli: Cli, recipe: string): Promise<Spec> {
  const loaded = await loadChecked(cli, await findRecipe(recipe, nodeFiles(), { cwd: cli.cwd, home: cli.home }));
  if (!loaded.spec) throw new Refused(loaded.diagnostics);
  if (loaded.diagnostics.length > 0) {
    cli.stderr.write(`${renderDiagnostics(loaded.diagnostics, { colour: Boolean(cli.stderr.isTTY), cwd: cli.cwd })}\n`);
  }
  return loaded.spec;
}

/** The folders for a recipe, from flags, environment and the XDG rules, in this order. */
export function placesFor(cli: Cli, spec: Pick<Spec, "name" | "file">, flags: Flags): Places {
  const storeRoot = storeRootOf(cli, flags);
  return {
    storeRoot,
    stateDir: join(storeRoot, "state", `${spec.name}-${sha256(spec.file).slice(0, 8)}`),
    outDir: join(resolve(cli.cwd, (flags.out as string | undefined) ?? "out"), spec.name),
  };
}

/** `recipes/NAME.lock.yaml` for `recipes/NAME.yaml`. */
export function lockFileOf(spec: Pick<Spec, "file">): string {
  return join(dirname(spec.file), `${basename(spec.file).replace(/\.ya?ml$/, "")}.lock.yaml`);
}

/** The plan of a recipe whose pins are known. */
export async function planWith(cli: Cli, spec: Spec, pins: Pins, flags: Flags): Promise<Plan> {
  const mirrors = await loadMirrors(cli, flags);
  const { steps, exports } = allSteps(spec, pins, assets(cli.home), { mirrors, boot: flags.boot !== false });
  return plan(spec.name, steps, exports);
}

/** Recipe, lock file and plan together, for every command that looks at a build without running it. */
export async function planFor(
  cli: Cli,
  recipe: string,
  flags: Flags,
): Promise<Places & { readonly plan: Plan; readonly spec: Spec; readonly pins: Pins }> {
  const spec = await loadSpec(cli, recipe);
  const lockFile = lockFileOf(spec);
  const pinned = pinsFor(
    spec,
    existsSync(lockFile) ? { path: lockFile, text: readFileSync(lockFile, "utf8") } : undefined,
  );
  if (!pinned.pins) {
    if (!existsSync(lockFile)) {
      throw refuse(
        "not-locked",
        `${spec.name} is not locked yet, so its steps have no keys`,
        `run "boardsmith lock ${recipe}" or "boardsmith build ${recipe}" once`,
      );
    }
    throw new Refused(pinned.diagnostics);
  }
  return {
    ...placesFor(cli, spec, flags),
    plan: await planWith(cli, spec, pinned.pins, flags),
    spec,
    pins: pinned.pins,
  };
}
