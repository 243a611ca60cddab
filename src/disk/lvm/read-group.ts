import type { ReadAt } from "../ranges.js";
import { lvmCrc } from "./crc.js";
import { MAGIC } from "./physical-volume.js";
import { parseText, type Section, type Value } from "./text-format.js";
import { SECTOR } from "./volume-group.js";

/** A volume group as one of its physical volumes tells it, whoever wrote it. */
export interface FoundGroup {
  readonly name: string;
  /** 6-4-4-4-4-4-6, as all ids here. */
  readonly id: string;
  /** How often its metadata were written. */
  readonly seqno: number;
  /** Bytes. */
  readonly extentSize: number;
  /** Of the physical volume that was read. */
  readonly physical: string;
  readonly volumes: readonly FoundVolume[];
}

export interface FoundVolume {
  readonly name: string;
  readonly id: string;
  /** Bytes. */
  readonly size: number;
  /** Bytes from the physical volume's start; absent where it is more than one linear piece, or lies on another one. */
  readonly start?: number;
}

/** Reads the physical volume at `offset` (see physical-volume.ts). Undefined when there is none, or none with sound metadata. */
export function readGroup(read: ReadAt, offset: number): FoundGroup | undefined {
  // lvm2 looks for the label in the first four sectors.
  for (let sector = 0; sector < 4; sector++) {
    const label = bytesAt(read, offset + sector * SECTOR, SECTOR);
    if (label.toString("latin1", 0, 8) !== "LABELONE" || label.toString("latin1", 24, 32) !== "LVM2 001") continue;
    if (lvmCrc(label.subarray(20)) !== label.readUInt32LE(16)) return undefined;
    const header = label.readUInt32LE(20);
    const physical = label.toString("latin1", header, header + 32);
    const text = metadata(read, offset, label, header + 40);
    return text === undefined ? undefined : groupOf(parseText(text), physical);
  }
  return undefined;
}

/** The text in the first metadata area that the header at `at` of the label names. */
function metadata(read: ReadAt, offset: number, label: Buffer, at: number): string | undefined {
  // Two lists of offset and size, each ended by a zero entry: data areas, then metadata areas.
  const number = (from: number): number => Number(label.readBigUInt64LE(from));
  let entry = at;
  while (number(entry) !== 0) entry += 16;
  const area = number(entry + 16);
  if (area === 0) return undefined;
  const header = bytesAt(read, offset + area, SECTOR);
  if (!header.subarray(4, 20).equals(MAGIC) || lvmCrc(header.subarray(4)) !== header.readUInt32LE(0)) return undefined;
  const size = Number(header.readBigUInt64LE(32));
  const start = Number(header.readBigUInt64LE(40));
  const length = Number(header.readBigUInt64LE(48));
  if (length === 0) return undefined;
  // The ring goes on behind the header.
  const first = Math.min(length, size - start);
  const text = Buffer.concat([
    bytesAt(read, offset + area + start, first),
    bytesAt(read, offset + area + SECTOR, length - first),
  ]);
  return lvmCrc(text) === header.readUInt32LE(56) ? text.toString("latin1").replace(/\0+$/, "") : undefined;
}

function groupOf(text: Section, physical: string): FoundGroup | undefined {
  const [found] = text.sections;
  if (!found) return undefined;
  const [name, group] = found;
  const extentSize = count(group.values.get("extent_size")) * SECTOR;
  const pvs = [...(group.sections.get("physical_volumes")?.sections ?? [])];
  const own = pvs.find(([, pv]) => String(pv.values.get("id")).replaceAll("-", "") === physical);
  const dataStart = count(own?.[1].values.get("pe_start")) * SECTOR;
  const volumes = [...(group.sections.get("logical_volumes")?.sections ?? [])].map(([volume, one]): FoundVolume => {
    const segments = [...one.sections.values()];
    const extents = segments.reduce((sum, segment) => sum + count(segment.values.get("extent_count")), 0);
    const [pv, first] = [segments[0]?.values.get("stripes") ?? []].flat();
    const linear = segments.length === 1 && segments[0]?.values.get("stripe_count") === 1 && pv === own?.[0];
    return {
      name: volume,
      id: String(one.values.get("id")),
      size: extents * extentSize,
      ...(linear && typeof first === "number" ? { start: dataStart + first * extentSize } : {}),
    };
  });
  const id = String(group.values.get("id"));
  const seqno = count(group.values.get("seqno"));
  return { name, id, seqno, extentSize, physical: String(own?.[1].values.get("id")), volumes };
}

function count(value: Value | undefined): number {
  return typeof value === "number" ? value : 0;
}

function bytesAt(read: ReadAt, offset: number, length: number): Buffer {
  const bytes = read(offset, length);
  // What lies behind the image's end reads as zeros.
  return Buffer.concat([Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)], length);
}
