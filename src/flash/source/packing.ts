/** How a file is packed. */
export type Packing = "xz" | "gzip" | "zstd" | "bzip2" | "zip";

/** Bytes that tell. */
export const MAGIC_LENGTH = 6;

const MAGIC: readonly (readonly [Packing, string])[] = [
  ["xz", "fd377a585a00"],
  ["gzip", "1f8b"],
  ["zstd", "28b52ffd"],
  ["bzip2", "425a68"],
  ["zip", "504b0304"],
  // An empty one.
  ["zip", "504b0506"],
];

/** How a file is packed, by its first bytes whatever its name; undefined for a bare image. */
export function packingOf(head: Uint8Array): Packing | undefined {
  const hex = Buffer.from(head).toString("hex");
  // zstd's skippable frames, of which pzstd puts one first.
  if (/^5.2a4d18/.test(hex)) return "zstd";
  return MAGIC.find(([, magic]) => hex.startsWith(magic))?.[0];
}

/** A program that unpacks from standard input to standard output, and the package of Debian and openSUSE it is in. */
export interface Unpacker {
  readonly program: string;
  readonly args: readonly string[];
  readonly package: string;
}

export const UNPACKERS: { readonly [packing in "xz" | "zstd" | "bzip2"]: Unpacker } = {
  xz: {
    program: "xz",
    args: ["--decompress", "--stdout", "--threads=0"],
    package: "xz-utils (Debian) or xz (openSUSE)",
  },
  // --long: what `zstd --long` or `--ultra` packed is refused without.
  zstd: { program: "zstd", args: ["--decompress", "--stdout", "--quiet", "--long=31"], package: "zstd" },
  bzip2: { program: "bzip2", args: ["--decompress", "--stdout"], package: "bzip2" },
};
