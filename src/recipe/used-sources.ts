import type { Spec } from "./spec.js";

/** Names of the sources that something in the spec is made from, sorted. */
export function usedSources(
  spec: Pick<Spec, "sources" | "kernel" | "uboot" | "toolchain" | "boot" | "rootfs">,
): readonly string[] {
  const used = new Set([spec.uboot.source]);
  if (spec.kernel.kind === "source") used.add(spec.kernel.source);
  if (spec.kernel.kind === "prebuilt") for (const name of spec.kernel.sources) used.add(name);
  if (spec.boot.initramfs && "busybox" in spec.boot.initramfs) used.add(spec.boot.initramfs.busybox);
  if (spec.toolchain.kind === "source") used.add(spec.toolchain.source);
  if ("source" in spec.rootfs) used.add(spec.rootfs.source);
  return [...used].filter((name) => spec.sources[name] !== undefined).sort();
}
