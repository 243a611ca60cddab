/**
 * What an Allwinner boot ROM looks for on a card (u-boot-sunxi-with-spl.bin):
 *
 *   0   a branch instruction | 4 "eGON.BT0" | 12 checksum | 16 length of the SPL
 *   …   U-Boot proper at 32 KiB or behind the SPL: a legacy image (27051956) or a FIT (d00dfeed)
 *
 * The checksum is the sum of all 32-bit words of the SPL with 5f0a6c39 in the checksum's place.
 * Source: U-Boot, include/sunxi_image.h and tools/sunxi_egon.c.
 */
import type { Board } from "../board/board.js";
import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { formatSize, hex } from "../util/size.js";

const STAMP = 0x5f0a6c39;

/** Everything the boot ROM would object to in an SPL with U-Boot behind it. */
export function checkEgon(bytes: Uint8Array, spl: Board["spl"]): Diagnostic[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wrong = (code: string, message: string, help: string): Diagnostic => ({
    severity: "error",
    code,
    message,
    help,
  });
  const rebuild = "build U-Boot again for this board's defconfig";
  if (buffer.length < 512 || buffer.toString("latin1", 4, 12) !== "eGON.BT0") {
    return [
      wrong(
        "spl-magic",
        "the boot loader does not start with an eGON.BT0 header: the boot ROM would not take it",
        rebuild,
      ),
    ];
  }
  const length = buffer.readUInt32LE(16);
  if (length === 0 || length % 512 !== 0 || length > buffer.length) {
    return [
      wrong(
        "spl-length",
        `the SPL's header says ${length} bytes, the file has ${buffer.length}`,
        `${rebuild}; the file is cut off or damaged`,
      ),
    ];
  }
  const found: Diagnostic[] = [];
  let sum = STAMP - buffer.readUInt32LE(12);
  for (let at = 0; at < length; at += 4) sum += buffer.readUInt32LE(at);
  const stored = buffer.readUInt32LE(12);
  if (sum % 2 ** 32 !== stored) {
    found.push(
      wrong("spl-checksum", `the SPL's checksum is ${hex(sum % 2 ** 32)}, its header says ${hex(stored)}`, rebuild),
    );
  }
  if (length > spl.maxSize) {
    found.push(
      wrong(
        "spl-too-large",
        `the SPL has ${formatSize(length)}, the boot ROM loads at most ${formatSize(spl.maxSize)}`,
        "take options out of the SPL (CONFIG_SPL_…) in a U-Boot fragment",
      ),
    );
  }
  if (!hasProper(buffer, length)) {
    found.push(
      wrong(
        "spl-alone",
        "no U-Boot image follows the SPL",
        "the file must be u-boot-sunxi-with-spl.bin, not sunxi-spl.bin",
      ),
    );
  }
  if (buffer.length > spl.reserved - spl.offset) {
    found.push(
      wrong(
        "boot-loader-too-large",
        `SPL and U-Boot have ${formatSize(buffer.length)}, the board keeps ${formatSize(spl.reserved - spl.offset)} for them (${hex(spl.offset)} to ${hex(spl.reserved)})`,
        "take options out of U-Boot in a fragment",
      ),
    );
  }
  return found;
}

/** A U-Boot image on a 512-byte boundary behind the SPL, among its padding of zeros or ones. */
function hasProper(buffer: Buffer, length: number): boolean {
  for (let at = length; at + 4 <= Math.min(buffer.length, 128 * 1024 + length); at += 512) {
    const magic = buffer.readUInt32BE(at);
    if (magic === 0x27051956 || magic === 0xd00dfeed) return true;
  }
  return false;
}
