import type { LockFile } from "./lock.js";
import type { SourcePin } from "./pins.js";

/** What a new lock file changes, a line each, for people: `linux: 6.12.90-1 → 6.12.107-1`. */
export function lockChanges(before: LockFile | undefined, after: LockFile): readonly string[] {
  const names = [...new Set([...Object.keys(before?.sources ?? {}), ...Object.keys(after.sources)])].sort();
  const lines = names.flatMap((name) => {
    const [old, now] = [before?.sources[name], after.sources[name]].map((pin) => pin && shown(name, pin));
    if (old === now) return [];
    if (old === undefined) return [`${name}: ${now}`];
    return [now === undefined ? `${name}: ${old}, no longer used` : `${name}: ${old} → ${now}`];
  });
  return [...lines, ...packageChanges(before, after)];
}

function shown(source: string, pin: SourcePin): string {
  if (pin.kind === "git") return `${pin.ref} at ${pin.commit.slice(0, 12)}`;
  if (pin.kind === "http") return pin.sha256;
  return pin.package === source ? pin.version : `${pin.package} ${pin.version}`;
}

function packageChanges(before: LockFile | undefined, after: LockFile): readonly string[] {
  const [old, now] = [packagesOf(before), packagesOf(after)];
  if (old.size === 0) {
    return now.size === 0 ? [] : [`packages: ${now.size} of ${after.packages?.wish.suite ?? after.rpms?.wish.distro}`];
  }
  if (now.size === 0) return [`packages: ${old.size}, no longer used`];
  const words = [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((name) => {
    const [from, to] = [old.get(name), now.get(name)];
    if (from === undefined) return [`+${name} ${to?.version}`];
    if (to === undefined) return [`-${name}`];
    if (from.version !== to.version) return [`${name} ${from.version} → ${to.version}`];
    // A distribution may sign or build a version once more.
    return from.digest === to.digest ? [] : [`${name} ${to.version} with other bytes`];
  });
  return words.length === 0 ? [] : [`packages: ${words.join(", ")}`];
}

/** Version and digest of each locked package, by name. */
function packagesOf(
  lock: LockFile | undefined,
): ReadonlyMap<string, { readonly version: string; readonly digest: string }> {
  return new Map([
    ...(lock?.packages?.set ?? []).map(({ name, version, sha256 }) => [name, { version, digest: sha256 }] as const),
    ...(lock?.rpms?.set ?? []).map(({ name, version, checksum }) => [name, { version, digest: checksum }] as const),
  ]);
}
