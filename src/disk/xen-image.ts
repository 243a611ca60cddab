/**
 * Xen for 32-bit ARM begins like a zImage, so that a boot loader starts it as one:
 *
 *   0x24 magic 016f2818 | 0x28 start, 0: it runs wherever it lies | 0x2c end, with all that it has zeroed
 *
 * and holds "xen,xen-MAJOR.MINOR", which it writes into dom0's device tree.
 * Source: Xen, xen/arch/arm/arm32/head.S and xen/arch/arm/domain_build.c (make_hypervisor_node).
 */
export interface XenImage {
  /** Bytes of memory from where it is loaded that are Xen's own. */
  readonly memory: number;
  /** Such as `4.17`. */
  readonly release: string;
}

/** Reads what a Xen says of itself; undefined when the bytes are none for 32-bit ARM. */
export function parseXenImage(bytes: Uint8Array): XenImage | undefined {
  if (bytes.length < 0x30) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0x24, true) !== 0x016f2818) return undefined;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const release = /xen,xen-(\d+\.\d+)\0/.exec(text)?.[1];
  if (release === undefined) return undefined;
  return { release, memory: Math.max(bytes.length, view.getUint32(0x2c, true) - view.getUint32(0x28, true)) };
}
