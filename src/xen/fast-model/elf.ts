/**
 * An executable as models and QEMU load it, ELF for 32-bit little-endian ARM:
 *
 *   0x00  7f "ELF" | 1: 32 bits | 1: little endian | 1
 *   0x10  type 2 (executable) | machine 40 (ARM) | 1 | entry | 52: program headers | 0 | flags | 52 | 32 | count | 0 …
 *   0x34  a program header each: 1 (load) | place in the file | address | address | size | size | 7 | alignment
 *
 * Each segment begins at a multiple of 4 KiB of the file. Sources: Tool Interface Standard ELF 1.2; ELF for the Arm
 * Architecture (IHI 0044), flags 0x05000000: EABI version 5.
 */
export interface Segment {
  /** Where it is loaded; address of memory. */
  readonly address: number;
  readonly bytes: Uint8Array;
}

const HEADER = 52;
const PROGRAM_HEADER = 32;
const PAGE = 0x1000;

/** Load segments as an ELF file; `entry` is the address that runs first. */
export function writeElf(entry: number, segments: readonly Segment[]): Uint8Array {
  const head = Buffer.alloc(HEADER + segments.length * PROGRAM_HEADER);
  head.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  head.writeUInt16LE(2, 16);
  head.writeUInt16LE(40, 18);
  head.writeUInt32LE(1, 20);
  head.writeUInt32LE(entry, 24);
  head.writeUInt32LE(HEADER, 28);
  head.writeUInt32LE(0x0500_0000, 36);
  head.writeUInt16LE(HEADER, 40);
  head.writeUInt16LE(PROGRAM_HEADER, 42);
  head.writeUInt16LE(segments.length, 44);
  const pieces: Uint8Array[] = [head];
  let length = head.length;
  for (const [index, { address, bytes }] of segments.entries()) {
    const fill = -length & (PAGE - 1);
    length += fill;
    const fields = [1, length, address, address, bytes.length, bytes.length, 7, PAGE];
    for (const [field, value] of fields.entries())
      head.writeUInt32LE(value, HEADER + index * PROGRAM_HEADER + field * 4);
    pieces.push(Buffer.alloc(fill), bytes);
    length += bytes.length;
  }
  return Buffer.concat(pieces);
}
