import type { Spec } from "./spec.js";

/** Names of the sources that something in the spec is made from, sorted. */
export function usedSources(
  spec: Pick<Spec, "sources" | "kernel" | "uboot" | "toolchain" | "rootfs">,
): readonly string[] {
  const used = new Set([spec.kernel.source, spec.uboot.source]);
  if (spec.toolchain.kind === "source") used.add(spec.toolchain.source);
  if ("source" in spec.rootfs) used.add(spec.rootfs.source);
  return [...used].filter((name) => spec.sources[name] !== undefined).sort();
}
