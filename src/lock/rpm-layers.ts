import type { RpmPin } from "../recipe/pins.js";

/** Above this share of a set, what came to it is no small change any more. */
const SMALL = 1 / 4;

/**
 * Marks what came to a set that was locked before, when all of that set is still wanted as it was: its installation can be
 * kept then and the rest is installed on top. Otherwise all of the solved set is one transaction again.
 */
export function rpmLayers(locked: readonly RpmPin[] | undefined, solved: readonly RpmPin[]): readonly RpmPin[] {
  const identity = ({ name, version, arch, checksum }: RpmPin) => [name, version, arch, checksum].join(" ");
  const first = new Set((locked ?? []).filter((pin) => !pin.added).map(identity));
  const kept = solved.filter((pin) => first.has(identity(pin))).length;
  const added = solved.length - kept;
  if (kept === 0 || kept < first.size || added === 0 || added > solved.length * SMALL) return solved;
  return solved.map((pin) => (first.has(identity(pin)) ? pin : { ...pin, added: true }));
}
