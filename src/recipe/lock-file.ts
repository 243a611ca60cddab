import type { Diagnostic, Location } from "../diagnostic/diagnostic.js";
import type { LockFile, PackageWish, PlacedLock, RpmWish } from "./lock.js";
import { parseLock } from "./lock-text.js";
import type { PackagePin, Pins, RpmPin, SourcePin } from "./pins.js";
import type { SourceSpec, Spec } from "./spec.js";
import { usedSources } from "./used-sources.js";

/** Holds a recipe against its lock file's text (undefined: there is none): its pins, or everything that is missing or stale. */
export function pinsFor(
  spec: Spec,
  file: { readonly path: string; readonly text: string } | undefined,
): { readonly pins?: Pins; readonly diagnostics: readonly Diagnostic[] } {
  const { lock, diagnostics } = file ? parseLock(file.path, file.text) : { lock: undefined, diagnostics: [] };
  if (diagnostics.length > 0) return { diagnostics: diagnostics.map((d) => ({ ...d, help: d.help ?? relock(spec) })) };
  const found = lockedPins(spec, lock);
  return found.stale.length > 0 ? { diagnostics: found.stale } : { pins: found.pins, diagnostics: [] };
}

/** The pins that hold, and a diagnostic for each that is missing or that the recipe has moved away from. */
export function lockedPins(
  spec: Spec,
  lock: PlacedLock | LockFile | undefined,
): { readonly pins: Pins; readonly stale: readonly Diagnostic[] } {
  const sources: Record<string, SourcePin> = {};
  const stale: Diagnostic[] = [];
  for (const name of usedSources(spec)) {
    const source = spec.sources[name];
    if (source === undefined || source.kind === "path") continue;
    const pin = fixedPin(source) ?? lock?.sources[name];
    const wrong = pin === undefined ? "is not locked" : moved(source, pin);
    if (pin !== undefined && wrong === undefined) sources[name] = pin;
    else stale.push(staleness(spec, `source "${name}" ${wrong}`, placesOf(lock).sourceAt?.[name]));
  }
  const wish = packageWish(spec);
  let packages: readonly PackagePin[] | undefined;
  if (wish !== undefined) {
    const wrong = lock?.packages === undefined ? "are not locked" : unlike(wish, lock.packages.wish);
    if (wrong === undefined) packages = lock?.packages?.set;
    else stale.push(staleness(spec, `the packages of the root filesystem ${wrong}`, placesOf(lock).packagesAt));
  }
  const rpmsWanted = rpmWish(spec);
  let rpms: readonly RpmPin[] | undefined;
  if (rpmsWanted !== undefined) {
    const wrong = lock?.rpms === undefined ? "are not locked" : unlikeRpms(rpmsWanted, lock.rpms.wish);
    if (wrong === undefined) rpms = lock?.rpms?.set;
    else stale.push(staleness(spec, `the packages of the root filesystem ${wrong}`, placesOf(lock).packagesAt));
  }
  return {
    pins: { sources, ...(packages === undefined ? {} : { packages }), ...(rpms === undefined ? {} : { rpms }) },
    stale,
  };
}

/** What a `rootfs: distro` asks of the distribution; undefined for other root filesystems. */
export function packageWish(spec: Spec): PackageWish | undefined {
  if (spec.rootfs.kind !== "distro") return undefined;
  const { distro, suite, arch, recommends, packages } = spec.rootfs;
  return { distro, suite, arch, recommends, packages: [...new Set(packages)].sort() };
}

/** What a `rootfs: rpm` asks of its repositories; undefined for other root filesystems. Keys and mirrors are no part of it. */
export function rpmWish(spec: Spec): RpmWish | undefined {
  if (spec.rootfs.kind !== "rpm") return undefined;
  const { distro, arch, recommends, packages, patterns, exclude, repositories } = spec.rootfs;
  const sorted = (names: readonly string[]) => [...new Set(names)].sort();
  return {
    distro,
    arch,
    recommends,
    repositories: Object.fromEntries(
      Object.entries(repositories)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, { url, priority }]) => [name, { url, priority }]),
    ),
    patterns: sorted(patterns),
    packages: sorted(packages),
    exclude: sorted(exclude),
  };
}

/** A git source's reference as the lock file writes it. */
export function refOf(source: SourceSpec & { readonly kind: "git" }): string {
  const { ref } = source;
  return "branch" in ref ? `branch ${ref.branch}` : "tag" in ref ? `tag ${ref.tag}` : ref.commit;
}

/** The pin of a source that the recipe itself fixes by content, and that therefore needs no lock. */
function fixedPin(source: SourceSpec): SourcePin | undefined {
  if (source.kind === "http") return { kind: "http", sha256: source.sha256 };
  if (source.kind !== "git" || !("commit" in source.ref)) return undefined;
  const { commit } = source.ref;
  return { kind: "git", url: source.url, ref: commit, commit };
}

/** How the recipe differs from what was locked; undefined when it does not. */
function moved(source: SourceSpec, pin: SourcePin): string | undefined {
  if (source.kind !== pin.kind) return `was locked as ${kindName(pin.kind)}, and is ${kindName(source.kind)} now`;
  if (source.kind === "git" && pin.kind === "git") {
    if (source.url !== pin.url) return `was locked at ${pin.url}, and is ${source.url} now`;
    if (refOf(source) !== pin.ref) return `was locked at ${pin.ref}, and asks for ${refOf(source)} now`;
  }
  if (source.kind === "distro" && pin.kind === "distro") {
    if (source.package !== pin.package) return `was locked as package ${pin.package}, and is ${source.package} now`;
    if (source.version !== undefined && source.version !== pin.version) {
      return `was locked at version ${pin.version}, and asks for ${source.version} now`;
    }
  }
  return undefined;
}

function kindName(kind: SourcePin["kind"] | "path"): string {
  return { git: "a git repository", http: "a download", distro: "a source package", path: "a local path" }[kind];
}

function unlike(wish: PackageWish, locked: PackageWish): string | undefined {
  for (const key of ["distro", "suite", "arch"] as const) {
    if (wish[key] !== locked[key]) return `were locked for ${locked[key]}, and are for ${wish[key]} now`;
  }
  return unlikeRecommends(wish, locked) ?? unlikeNames(wish.packages, locked.packages);
}

function unlikeRpms(wish: RpmWish, locked: RpmWish): string | undefined {
  for (const key of ["distro", "arch"] as const) {
    if (wish[key] !== locked[key]) return `were locked for ${locked[key]}, and are for ${wish[key]} now`;
  }
  const names = unlikeNames(Object.keys(wish.repositories), Object.keys(locked.repositories));
  if (names !== undefined) return names.replace("changed", "are of other repositories");
  for (const [name, { url, priority }] of Object.entries(wish.repositories)) {
    const old = locked.repositories[name];
    if (old?.url !== url) return `were locked from ${name} at ${old?.url}, and it is at ${url} now`;
    if (old.priority !== priority) {
      return `were locked with priority ${old.priority} of ${name}, and it has ${priority} now`;
    }
  }
  const marked = ({ packages, patterns, exclude }: RpmWish) => [
    ...packages,
    ...patterns.map((name) => `pattern:${name}`),
    ...exclude.map((name) => `exclude:${name}`),
  ];
  return unlikeRecommends(wish, locked) ?? unlikeNames(marked(wish), marked(locked));
}

function unlikeRecommends(
  wish: { readonly recommends: boolean },
  locked: { readonly recommends: boolean },
): string | undefined {
  if (wish.recommends === locked.recommends) return undefined;
  return `were locked ${locked.recommends ? "with" : "without"} recommended packages, and are ${wish.recommends ? "with" : "without"} them now`;
}

function unlikeNames(wish: readonly string[], locked: readonly string[]): string | undefined {
  const more = wish.filter((name) => !locked.includes(name)).map((name) => `+${name}`);
  const less = locked.filter((name) => !wish.includes(name)).map((name) => `-${name}`);
  return more.length + less.length > 0 ? `changed since they were locked: ${[...more, ...less].join(" ")}` : undefined;
}

function staleness(spec: Spec, message: string, at: Location | undefined): Diagnostic {
  return { severity: "error", code: "lock-stale", message, ...(at === undefined ? {} : { at }), help: relock(spec) };
}

function relock(spec: Spec): string {
  return `run "boardsmith lock ${spec.name}"`;
}

function placesOf(lock: PlacedLock | LockFile | undefined): Partial<Pick<PlacedLock, "sourceAt" | "packagesAt">> {
  return lock !== undefined && "sourceAt" in lock ? lock : {};
}
