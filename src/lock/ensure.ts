import { Refused } from "../diagnostic/failure.js";
import { plan } from "../plan/plan.js";
import { lockedPins, pinsFor } from "../recipe/lock-file.js";
import type { Pins } from "../recipe/pins.js";
import type { Spec } from "../recipe/spec.js";
import { sourceSteps } from "../steps/source.js";
import { FETCH, RPM } from "../steps/tools.js";
import { type LockOptions, lock } from "./lock.js";
import { readLock, writeLock } from "./lock-on-disk.js";
import { missingOffline, toolMissing } from "./offline.js";

/**
 * The pins a build goes by. Without a lock file it makes one and says so; a stale one is refused with its places, because
 * moving a pin is a decision. Offline nothing is made: all that is missing is refused at once.
 */
export async function ensurePins(
  spec: Spec,
  lockFile: string,
  options: Omit<LockOptions, "previous" | "update"> & { readonly offline: boolean },
): Promise<Pins> {
  const file = await readLock(lockFile);
  const { pins, diagnostics } = pinsFor(spec, file);
  if (pins) return pins;
  if (options.offline) {
    const fetches = plan(
      spec.name,
      sourceSteps(spec, lockedPins(spec, undefined).pins, options.assets, options.mirrors),
      [],
    );
    const missing = [...(await missingOffline(fetches, options.store, options.engine))];
    const engine = await options.engine();
    for (const tool of spec.rootfs.kind === "rpm" ? [FETCH, RPM] : [FETCH]) {
      const image = toolMissing(tool);
      const told = missing.some(({ message }) => message === image.message);
      if (!told && !(await engine.hasTool(tool))) missing.push(image);
    }
    throw new Refused([...diagnostics, ...missing]);
  }
  if (file) throw new Refused(diagnostics);
  options.say(`no lock file yet: pinning the sources of ${spec.name}`);
  const made = await lock(spec, { ...options, previous: undefined, update: false });
  await writeLock(lockFile, spec.name, made.lock);
  for (const line of made.changes) options.say(`  ${line}`);
  options.say(`wrote ${lockFile}; keep it beside the recipe`);
  return lockedPins(spec, made.lock).pins;
}
