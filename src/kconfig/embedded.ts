import { inflateRawSync } from "node:zlib";

/** What stands in front of the gzipped .config of a kernel with CONFIG_IKCONFIG; see scripts/extract-ikconfig of the kernel. */
const MARK = Buffer.from("IKCFG_ST");
/** No kernel is larger, unpacked. */
const LARGEST = 256 * 1024 ** 2;
const GZIP = Buffer.from([0x1f, 0x8b, 0x08]);

/**
 * The configuration inside a kernel image: in the open, or in a kernel that is packed with gzip as zImage is by
 * default. Undefined when it has none, or is packed otherwise.
 */
export function embeddedConfig(kernel: Buffer): string | undefined {
  const own = marked(kernel);
  if (own !== undefined) return own;
  for (let at = kernel.indexOf(GZIP); at >= 0; at = kernel.indexOf(GZIP, at + 1)) {
    const unpacked = gunzip(kernel.subarray(at));
    const found = unpacked && marked(unpacked);
    if (found !== undefined) return found;
  }
  return undefined;
}

function marked(bytes: Buffer): string | undefined {
  const at = bytes.indexOf(MARK);
  return at < 0 ? undefined : gunzip(bytes.subarray(at + MARK.length))?.toString("utf8");
}

/**
 * Unpacks the gzip member that begins here, whatever follows it; undefined when there is none. Its header is
 * `1f 8b 08 | flags | time 4 | 2`, and with flag 8 a name (RFC 1952); the kernel's build uses no other flag.
 */
function gunzip(bytes: Buffer): Buffer | undefined {
  if (!bytes.subarray(0, 3).equals(GZIP) || bytes.length < 18) return undefined;
  const start = bytes[3] === 8 ? bytes.indexOf(0, 10) + 1 : 10;
  if (bytes[3] !== 0 && bytes[3] !== 8) return undefined;
  try {
    return inflateRawSync(bytes.subarray(start), { maxOutputLength: LARGEST });
  } catch {
    return undefined;
  }
}
