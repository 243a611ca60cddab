/**
 * An ARM zImage says of itself:
 *
 *   0x24 magic 016f2818 | 0x28 start | 0x2c end | 0x30 04030201 | 0x34 45454545 | 0x38 offset of a table
 *   table: words in tag, "KLSZ", where the inflated size stands, bss size, [text offset, heap of the decompressor]
 *
 * The table is there since Linux 4.15, its last two words only in later kernels.
 * Source: Linux, arch/arm/boot/compressed/{head.S,vmlinux.lds.S}.
 */
export interface ZImage {
  readonly size: number;
  /** Bytes of the decompressed kernel, without bss; undefined for kernels that don't say. */
  readonly inflated: number | undefined;
  readonly bss: number;
  /** From the start of DRAM to the decompressed kernel. */
  readonly textOffset: number;
}

const TAG_KERNEL_SIZE = 0x5a534c4b;

/** Reads a zImage's own description; undefined when it is none. */
export function parseZImage(bytes: Uint8Array): ZImage | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (at: number): number | undefined =>
    at >= 0 && at + 4 <= bytes.byteLength ? view.getUint32(at, true) : undefined;
  if (word(0x24) !== 0x016f2818) return undefined;
  const plain: ZImage = { size: bytes.byteLength, inflated: undefined, bss: 0, textOffset: 0x8000 };
  const table = word(0x38);
  if (word(0x34) !== 0x45454545 || table === undefined || word(table + 4) !== TAG_KERNEL_SIZE) return plain;
  const words = word(table) ?? 0;
  return {
    ...plain,
    inflated: word(word(table + 8) ?? bytes.byteLength),
    bss: word(table + 12) ?? 0,
    textOffset: (words >= 6 ? word(table + 16) : undefined) ?? plain.textOffset,
  };
}
