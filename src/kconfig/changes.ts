import { parseDotConfig } from "./dot-config.js";

/** A configuration in both its forms: all symbols, and only those that differ from their defaults (`make savedefconfig`). */
export interface Configuration {
  readonly full: string;
  readonly minimal: string;
}

/**
 * The smallest set of symbols that turns one configuration into another, by name: what somebody changed in menuconfig,
 * without what followed from it by select and default.
 */
export function changes(before: Configuration, after: Configuration): ReadonlyMap<string, string> {
  const [fullBefore, fullAfter] = [parseDotConfig(before.full), parseDotConfig(after.full)];
  const [minimalBefore, minimalAfter] = [parseDotConfig(before.minimal), parseDotConfig(after.minimal)];
  const changed = new Map<string, string>();
  for (const [symbol, value] of minimalAfter) {
    if (minimalBefore.get(symbol) !== value) changed.set(symbol, value);
  }
  // Back at its default, so savedefconfig is silent about it; but the defconfig or a fragment still asks for the old value.
  for (const symbol of minimalBefore.keys()) {
    if (minimalAfter.has(symbol)) continue;
    const value = fullAfter.get(symbol);
    if (value !== undefined && value !== (fullBefore.get(symbol) ?? "n")) changed.set(symbol, value);
    // Out of sight: what it depends on was switched off, so it need not be named itself.
  }
  return new Map([...changed].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Symbols on which two configurations differ, with what the second says; `n` for what it leaves out. */
export function differences(first: string, second: string): ReadonlyMap<string, string> {
  const [a, b] = [parseDotConfig(first), parseDotConfig(second)];
  const different = new Map<string, string>();
  for (const symbol of new Set([...a.keys(), ...b.keys()])) {
    if ((a.get(symbol) ?? "n") !== (b.get(symbol) ?? "n")) different.set(symbol, b.get(symbol) ?? "n");
  }
  return different;
}
