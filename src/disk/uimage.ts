/**
 * U-Boot's legacy image header, 64 bytes, big endian, in front of a boot script:
 *
 *   0 magic 27051956 | 4 header CRC | 8 time | 12 data size | 16 load | 20 entry | 24 data CRC
 *   28 OS, architecture, type, compression | 32 name
 *   64 a script's data: its length, a zero, the text
 *
 * Source: U-Boot, include/image.h.
 */
import { crc32 } from "node:zlib";

const OS_LINUX = 5;
const ARCH_ARM = 2;
const TYPE_SCRIPT = 6;

/** `boot.scr` of a script's text, as `mkimage -A arm -T script -C none` makes it. `time` in seconds, `name` up to 31 bytes. */
export function scriptImage(text: string, name: string, time: number): Uint8Array {
  const script = Buffer.from(text);
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32BE(script.length, 0);
  const data = Buffer.concat([lengths, script]);
  const header = Buffer.alloc(64);
  header.writeUInt32BE(0x27051956, 0);
  header.writeUInt32BE(time, 8);
  header.writeUInt32BE(data.length, 12);
  header.writeUInt32BE(crc32(data), 24);
  header.set([OS_LINUX, ARCH_ARM, TYPE_SCRIPT, 0], 28);
  header.write(name.slice(0, 31), 32, "latin1");
  header.writeUInt32BE(crc32(header), 4);
  return Buffer.concat([header, data]);
}
