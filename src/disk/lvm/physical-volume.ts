/**
 * What makes a partition an LVM2 physical volume. All integers are little-endian.
 *
 *   byte 0        nothing of LVM's
 *        512      label: "LABELONE", sector number, CRC, offset of the header behind it, "LVM2 001"
 *        544      physical volume header: id, size, data areas, metadata areas, extension
 *        4096     metadata area: header of 512 bytes (CRC, magic, version, start, size, where the text is)
 *        4608     the volume group as text, ended by a zero byte; later versions follow in a ring up to 1 MiB
 *        1 MiB    extents
 *
 * Sources: lvm2, lib/format_text/layout.h, lib/label/label.h.
 */
import { lvmCrc } from "./crc.js";
import { metadataText } from "./metadata.js";
import { DATA_START, SECTOR, type VolumeGroup } from "./volume-group.js";

const LABEL_AT = SECTOR;
const HEADER_IN_LABEL = 32;
const AREA_AT = 4096;
const AREA_SIZE = DATA_START - AREA_AT;
const TEXT_IN_AREA = SECTOR;
/** Of a metadata area. */
export const MAGIC = Buffer.from("204c564d3220785b35412572304e2a3e", "hex");
const EXTENSION_VERSION = 2;
const IN_USE = 1;

/**
 * The first bytes of a physical volume that holds the group; all behind them up to 1 MiB may be anything.
 * Throws when there are too many volumes for the metadata area.
 */
export function physicalVolume(group: VolumeGroup): Uint8Array {
  const text = Buffer.from(`${metadataText(group)}\0`, "latin1");
  // lvm2 keeps the next version beside the present one, so half of the ring is all a text may take.
  if (text.length > (AREA_SIZE - TEXT_IN_AREA) / 2) throw new Error("the volume group's metadata outgrow their area");
  const start = Buffer.concat([Buffer.alloc(LABEL_AT), label(group)], AREA_AT);
  return Buffer.concat([start, areaHeader(text), text]);
}

function label(group: VolumeGroup): Buffer {
  const sector = Buffer.alloc(SECTOR);
  sector.write("LABELONE", 0, "latin1");
  sector.writeBigUInt64LE(BigInt(LABEL_AT / SECTOR), 8);
  sector.writeUInt32LE(HEADER_IN_LABEL, 20);
  sector.write("LVM2 001", 24, "latin1");
  const header = Buffer.concat([
    Buffer.from(group.physical.id, "latin1"),
    numbers(group.physical.size),
    // Data: from the first extent to the end (size 0). Metadata: the one area. Each list ends with a zero entry.
    numbers(DATA_START, 0, 0, 0),
    numbers(AREA_AT, AREA_SIZE, 0, 0),
    words(EXTENSION_VERSION, IN_USE),
    numbers(0, 0),
  ]);
  header.copy(sector, HEADER_IN_LABEL);
  sector.writeUInt32LE(lvmCrc(sector.subarray(20)), 16);
  return sector;
}

function areaHeader(text: Uint8Array): Buffer {
  const header = Buffer.alloc(SECTOR);
  Buffer.concat([
    Buffer.alloc(4),
    MAGIC,
    words(1),
    numbers(AREA_AT, AREA_SIZE),
    numbers(TEXT_IN_AREA, text.length),
    words(lvmCrc(text), 0),
  ]).copy(header);
  header.writeUInt32LE(lvmCrc(header.subarray(4)), 0);
  return header;
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  for (const [index, value] of values.entries()) bytes.writeBigUInt64LE(BigInt(value), index * 8);
  return bytes;
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, index * 4);
  return bytes;
}
