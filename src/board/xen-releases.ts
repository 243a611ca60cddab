/**
 * The oldest GCC that releases of Xen are built with for 32-bit ARM, oldest release first.
 *
 * Source: each release's own README, "C compiler and linker" (4.6: GCC v4.1 or later; 4.14: GCC 4.8 or later, for ARM; 4.15
 * and 4.20: GCC 4.9 or later, for ARM 32-bit; 4.21: GCC 5.1 or later, for ARM). Those of 4.7 to 4.13 were not at hand: what
 * 4.6 says counts, for a compiler that might do is not refused.
 */
const COMPILERS: readonly { readonly from: string; readonly gcc: string }[] = [
  { from: "4.2", gcc: "4.1" },
  { from: "4.14", gcc: "4.8" },
  { from: "4.15", gcc: "4.9" },
  { from: "4.21", gcc: "5.1" },
];

/** The release that a branch, a tag, a package or a file name speaks of, such as `4.17`; undefined where it names none. */
export function xenRelease(name: string): string | undefined {
  return /(?:^|[^0-9.])(4\.\d+)(?![0-9])/.exec(name)?.[1];
}

/** The compiler's version that a toolchain's file name speaks of. */
export function gccVersion(name: string): string | undefined {
  return /gcc(?:-linaro)?[-_](\d+\.\d+(?:\.\d+)?)/.exec(name)?.[1];
}

/** The oldest GCC for a release; undefined for one before Xen knew ARM. */
export function oldestGcc(release: string): string | undefined {
  return COMPILERS.findLast(({ from }) => !older(release, from))?.gcc;
}

/** Is version `a` older than `b`? Numbers are compared as such: 4.9 is older than 4.15. */
export function older(a: string, b: string): boolean {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number)) as [number[], number[]];
  const at = right.findIndex((part, index) => (left[index] ?? 0) !== part);
  return at >= 0 && (left[at] ?? 0) < (right[at] ?? 0);
}
