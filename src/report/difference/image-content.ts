import { extVolume } from "../../disk/ext-volume.js";
import { fatVolume } from "../../disk/fat-volume.js";
import { parseGpt } from "../../disk/gpt.js";
import { type FoundGroup, readGroup } from "../../disk/lvm/read-group.js";
import { parseMbr, SECTOR } from "../../disk/mbr.js";
import type { Range, ReadAt } from "../../disk/ranges.js";
import type { Volume } from "../../disk/volume-file.js";

/** What an image's own bytes say it holds, whoever made it. Offsets and sizes in bytes. */
export interface ImageContent {
  readonly size: number;
  /** `none`: one filesystem alone, or nothing known. */
  readonly table: "gpt" | "mbr" | "none";
  /** MBR signature or GPT disk GUID; "" without a table. */
  readonly diskId: string;
  readonly partitions: readonly ImagePartition[];
  /** What lies in front of the first partition, without the tables: a boot loader, as a rule. */
  readonly boot: readonly Range[];
}

export interface ImagePartition extends Range {
  /** From 1; logical ones from 5; 0 for an image without a table; a logical volume's is that of its physical volume. */
  readonly number: number;
  /** Of a logical volume in one linear piece, which stands behind its physical volume: `GROUP/VOLUME`. */
  readonly logical?: string;
  /** Of a physical volume. */
  readonly group?: FoundGroup;
  /** MBR's in hex, or GPT's GUID. */
  readonly type: string;
  /** PARTUUID. */
  readonly id: string;
  readonly name: string;
  /** Absent for what is neither ext nor FAT. */
  readonly volume?: Volume;
}

/** MBR types of extended partitions, which hold a chain of tables. */
const EXTENDED = new Set([0x05, 0x0f, 0x85]);

/** Reads tables and filesystems. Throws a plain Error on a filesystem that is damaged or of a kind not read here. */
export function imageContent(read: ReadAt, size: number): ImageContent {
  const whole = volumeAt(read, 0);
  if (whole) {
    const only = { number: 0, start: 0, end: size, type: "", id: "", name: "", volume: whole };
    return { size, table: "none", diskId: "", partitions: [only], boot: [] };
  }
  const gpt = size >= 3 * SECTOR ? parseGpt(read, size) : undefined;
  if (gpt) {
    const partitions = gpt.partitions.flatMap(({ start, size: length, type, uuid, name }, index) =>
      partition(read, { number: index + 1, start, end: start + length, type, id: uuid, name }),
    );
    const entries = { start: gpt.entriesAt, end: gpt.entriesAt + 128 * 128 };
    const boot = gaps([{ start: 0, end: 2 * SECTOR }, entries], first(partitions, size));
    return { size, table: "gpt", diskId: gpt.diskUuid, partitions, boot };
  }
  const mbr = parseMbr(read(0, SECTOR));
  if (!mbr) return { size, table: "none", diskId: "", partitions: [], boot: [{ start: 0, end: size }] };
  const id = (number: number) => `${mbr.diskId}-${number.toString(16).padStart(2, "0")}`;
  const numbered = mbr.partitions.map((one, index) => ({ ...one, number: index + 1 }));
  const logical = numbered.filter(({ type }) => EXTENDED.has(type)).flatMap(({ start }) => [...logicals(read, start)]);
  const all = [...numbered, ...logical.map((one, index) => ({ ...one, number: index + 5 }))];
  const partitions = all.flatMap(({ number, start, size: length, type }) => {
    const bare = {
      number,
      start,
      end: start + length,
      type: type.toString(16).padStart(2, "0"),
      id: id(number),
      name: "",
    };
    return EXTENDED.has(type) ? bare : partition(read, bare);
  });
  // Boot code may stand in front of the signature.
  const boot = gaps([{ start: 440, end: SECTOR }], first(partitions, size));
  return { size, table: "mbr", diskId: mbr.diskId, partitions, boot };
}

/** A partition with what is in it, and the logical volumes of which it holds all. */
function partition(read: ReadAt, bare: Omit<ImagePartition, "volume">): readonly ImagePartition[] {
  const group = readGroup(read, bare.start);
  if (!group) return [withVolume(read, bare)];
  const logical = group.volumes.flatMap(({ name, id, size, start }): readonly ImagePartition[] => {
    if (start === undefined) return [];
    const at = { start: bare.start + start, end: bare.start + start + size };
    return [withVolume(read, { ...at, number: bare.number, logical: `${group.name}/${name}`, type: "", id, name })];
  });
  return [{ ...bare, group }, ...logical];
}

function withVolume(read: ReadAt, bare: ImagePartition): ImagePartition {
  const volume = volumeAt(read, bare.start);
  return volume ? { ...bare, volume } : bare;
}

function volumeAt(read: ReadAt, offset: number): Volume | undefined {
  return extVolume(read, offset) ?? fatVolume(read, offset);
}

/** Each extended table names one partition, from its own place, and the next table, from the first one's. */
function* logicals(read: ReadAt, first: number): Generator<{ start: number; size: number; type: number }> {
  const seen = new Set<number>();
  for (let at: number | undefined = first; at !== undefined && !seen.has(at); ) {
    seen.add(at);
    const here: number = at;
    at = undefined;
    for (const { type, start, size } of parseMbr(read(here, SECTOR))?.partitions ?? []) {
      if (EXTENDED.has(type)) at = first + start;
      else yield { type, size, start: here + start };
    }
  }
}

function first(partitions: readonly ImagePartition[], size: number): number {
  return Math.min(size, ...partitions.map(({ start }) => start));
}

/** What is left of 0 to `end` without these ranges, which are sorted. */
function gaps(taken: readonly Range[], end: number): readonly Range[] {
  const left: Range[] = [];
  let at = 0;
  for (const range of taken) {
    if (range.start > at) left.push({ start: at, end: Math.min(range.start, end) });
    at = Math.max(at, range.end);
  }
  if (at < end) left.push({ start: at, end });
  return left;
}
