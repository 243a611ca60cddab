import type { Diagnostic } from "../diagnostic/diagnostic.js";

/** How an initramfs may be packed: its first bytes, and what unpacks it (Linux, lib/decompress.c). */
const PACKINGS: readonly (readonly [name: string, magic: string, symbol: string])[] = [
  ["gzip", "1f8b", "RD_GZIP"],
  ["bzip2", "425a68", "RD_BZIP2"],
  ["lzma", "5d0000", "RD_LZMA"],
  ["xz", "fd377a585a00", "RD_XZ"],
  ["lzo", "894c5a4f", "RD_LZO"],
  ["lz4", "02214c18", "RD_LZ4"],
  ["zstd", "28b52ffd", "RD_ZSTD"],
];
/** An archive's own first bytes: `070701` or `070702` (Linux, Documentation/driver-api/early-userspace/buffer-format.rst). */
const CPIO = /^07070[12]/;

/** What the kernel's configuration, where it is known, says against an initramfs whose /init is a script. */
export function initramfsFaults(config: ReadonlyMap<string, string>, release: string): readonly Diagnostic[] {
  if (config.size === 0) return [];
  return ["BLK_DEV_INITRD", "BINFMT_ELF", "BINFMT_SCRIPT", "DEVTMPFS"]
    .filter((symbol) => config.get(symbol) !== "y")
    .map((symbol) => lacks(symbol, release, "an initramfs"));
}

/** What speaks against a file as this kernel's initramfs. `head`: its first bytes, at least 6. */
export function packingFaults(
  head: Buffer,
  config: ReadonlyMap<string, string>,
  release: string,
): readonly Diagnostic[] {
  if (CPIO.test(head.toString("latin1", 0, 6))) return [];
  const packing = PACKINGS.find(([, magic]) => head.toString("hex").startsWith(magic));
  if (packing === undefined) {
    const help = "give the file that dracut or mkinitcpio wrote, without a header of U-Boot's";
    return [
      { severity: "error", code: "initramfs-no-archive", message: "the recipe's initramfs is no cpio archive", help },
    ];
  }
  const [name, , symbol] = packing;
  if (config.size === 0 || config.get(symbol) === "y") return [];
  return [lacks(symbol, release, `an initramfs packed with ${name}`)];
}

function lacks(symbol: string, release: string, what: string): Diagnostic {
  return {
    severity: "error",
    code: "initramfs-unsupported",
    message: `kernel ${release} has no CONFIG_${symbol}=y, which ${what} needs`,
    help: "ask for it in a fragment, or say `boot: { initramfs: none }`",
  };
}
