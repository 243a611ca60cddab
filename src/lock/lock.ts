import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { Refused, refuse } from "../diagnostic/failure.js";
import { didYouMean } from "../diagnostic/suggest.js";
import type { Assets } from "../plan/step.js";
import type { LockFile } from "../recipe/lock.js";
import { lockChanges } from "../recipe/lock-changes.js";
import { lockedPins, packageWish, rpmWish } from "../recipe/lock-file.js";
import type { SourcePin } from "../recipe/pins.js";
import type { Spec } from "../recipe/spec.js";
import { usedSources } from "../recipe/used-sources.js";
import type { Mirror } from "../util/mirror.js";
import { type DistroSource, distroSources } from "./distro-sources.js";
import { type GitSource, gitCommits } from "./git-commits.js";
import { packageSet } from "./package-set.js";
import { rpmLayers } from "./rpm-layers.js";
import { rpmSet } from "./rpm-set.js";
import type { LockPlace } from "./script.js";

export interface LockOptions extends LockPlace {
  readonly assets: Assets;
  readonly previous: LockFile | undefined;
  /** False: only what is missing or stale is asked for; true: everything; names: these sources, `packages` for the package set. */
  readonly update: boolean | readonly string[];
  readonly mirrors: readonly Mirror[];
}

/** Asks the network what a recipe's moving names mean now. Pins that are kept are not asked for again. */
export async function lock(
  spec: Spec,
  options: LockOptions,
): Promise<{ readonly lock: LockFile; readonly changes: readonly string[] }> {
  const { previous, update, assets, mirrors } = options;
  checkNames(spec, update);
  const held = lockedPins(spec, previous).pins;
  const kept: Record<string, SourcePin> = {};
  const git: Record<string, GitSource> = {};
  const distro: Record<string, DistroSource> = {};
  for (const name of movingSources(spec)) {
    const source = spec.sources[name];
    const pin = held.sources[name];
    if (pin !== undefined && !moves(update, name)) kept[name] = pin;
    else if (source?.kind === "git") git[name] = source;
    else if (source?.kind === "distro") distro[name] = source;
  }
  const wish = packageWish(spec);
  const stale = wish !== undefined && (held.packages === undefined || moves(update, "packages"));

  let set = held.packages;
  // One after the other, so that each has the line to itself; what each refuses is told together.
  const refused: Diagnostic[] = [];
  const ask = async (line: string, question: () => Promise<void>): Promise<void> => {
    options.say(line);
    try {
      await question();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refused.push(...error.diagnostics);
    }
  };
  if (Object.keys(git).length > 0) {
    await ask(`asking for the commits of ${Object.keys(git).join(", ")}`, async () => {
      Object.assign(kept, await gitCommits(git, assets, mirrors, options));
    });
  }
  if (Object.keys(distro).length > 0) {
    await ask(`asking for the source packages of ${Object.keys(distro).join(", ")}`, async () => {
      Object.assign(kept, await distroSources(distro, assets, mirrors, options));
    });
  }
  if (stale) {
    await ask(`solving the package set of ${wish.distro} ${wish.suite} for ${wish.arch}`, async () => {
      set = await packageSet(wish, assets, mirrors, options);
    });
  }
  const rpmsWanted = rpmWish(spec);
  let rpms = held.rpms;
  if (rpmsWanted !== undefined && spec.rootfs.kind === "rpm" && (rpms === undefined || moves(update, "packages"))) {
    const { rootfs } = spec;
    await ask(`solving the package set of ${rootfs.distro} for ${rootfs.arch}`, async () => {
      rpms = rpmLayers(previous?.rpms?.set, await rpmSet(rootfs, rpmsWanted, assets, mirrors, options));
    });
  }
  if (refused.length > 0) throw new Refused(refused);
  const next: LockFile = {
    sources: kept,
    ...(wish !== undefined && set !== undefined ? { packages: { wish, set } } : {}),
    ...(rpmsWanted !== undefined && rpms !== undefined ? { rpms: { wish: rpmsWanted, set: rpms } } : {}),
  };
  return { lock: next, changes: lockChanges(previous, next) };
}

/** Names of the sources that need the network to know what they mean: branches, tags and source packages. */
function movingSources(spec: Spec): readonly string[] {
  return usedSources(spec).filter((name) => {
    const source = spec.sources[name];
    return source?.kind === "distro" || (source?.kind === "git" && !("commit" in source.ref));
  });
}

function moves(update: LockOptions["update"], name: string): boolean {
  return typeof update === "boolean" ? update : update.includes(name);
}

function checkNames(spec: Spec, update: LockOptions["update"]): void {
  if (typeof update === "boolean") return;
  const known = [
    ...movingSources(spec),
    ...(packageWish(spec) === undefined && rpmWish(spec) === undefined ? [] : ["packages"]),
  ];
  const wrong = update.find((name) => !known.includes(name));
  if (wrong !== undefined)
    throw refuse("unknown-source", `recipe "${spec.name}" locks no source "${wrong}"`, didYouMean(wrong, known));
}
