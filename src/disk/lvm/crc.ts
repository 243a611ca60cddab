/**
 * LVM2's checksum of labels, metadata headers and metadata texts: CRC-32 with the reflected polynomial 0xedb88320, but
 * started from 0xf597a6cf and not inverted at the end (lvm2, lib/misc/crc.c).
 */
export function lvmCrc(bytes: Uint8Array): number {
  let crc = 0xf597a6cf;
  for (const byte of bytes) crc = (TABLE[(crc ^ byte) & 0xff] as number) ^ (crc >>> 8);
  return crc >>> 0;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});
