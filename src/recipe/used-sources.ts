import type { Spec } from "./spec.js";

/** Name of the source of an initramfs's busybox, where the root filesystem has none of its own. */
export const BUSYBOX = "busybox";

/** Names of the sources that something in the spec is made from, sorted. */
export function usedSources(
  spec: Pick<Spec, "sources" | "kernel" | "xen" | "uboot" | "toolchain" | "boot" | "rootfs" | "guests">,
): readonly string[] {
  const used = new Set([spec.uboot.source]);
  if (spec.kernel.kind === "source") used.add(spec.kernel.source);
  if (spec.kernel.kind === "prebuilt") for (const name of spec.kernel.sources) used.add(name);
  if (spec.xen?.from.kind === "source") used.add(spec.xen.from.source);
  if (spec.xen?.from.kind === "prebuilt") for (const name of spec.xen.from.sources) used.add(name);
  if (spec.boot.initramfs && "busybox" in spec.boot.initramfs) used.add(spec.boot.initramfs.busybox);
  if (spec.guests.some(({ ramdisk }) => ramdisk?.kind === "minimal")) used.add(BUSYBOX);
  if (spec.toolchain.kind === "source") used.add(spec.toolchain.source);
  if ("source" in spec.rootfs) used.add(spec.rootfs.source);
  return [...used].filter((name) => spec.sources[name] !== undefined).sort();
}
