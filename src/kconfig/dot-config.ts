/**
 * Symbols of a .config or defconfig file, without `CONFIG_`, by value as written; `n` where it says "is not set".
 * Format: Documentation/kbuild/kconfig.rst of the kernel.
 */
export function parseDotConfig(text: string): ReadonlyMap<string, string> {
  const symbols = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const set = /^CONFIG_(\w+)=(.*)$/.exec(line);
    if (set) symbols.set(set[1] ?? "", set[2] ?? "");
    const off = /^# CONFIG_(\w+) is not set$/.exec(line);
    if (off) symbols.set(off[1] ?? "", "n");
  }
  return symbols;
}
