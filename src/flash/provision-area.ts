import { refuse } from "../diagnostic/failure.js";
import type { FatFile } from "../disk/fat-make.js";
import { type FatShape, fatShape } from "../disk/fat-shape.js";
import { fatVolume } from "../disk/fat-volume.js";
import { parseGpt } from "../disk/gpt.js";
import { parseMbr } from "../disk/mbr.js";
import type { Range, ReadAt } from "../disk/ranges.js";
import type { VolumeFile } from "../disk/volume-file.js";
import { CARD_LABEL } from "../recipe/card-label.js";
import { HEAD } from "./marker.js";
import type { ImageReader, ImageSource } from "./source/image-source.js";

/** Who reads an area: by its label. */
export type AreaKind = "boardsmith" | "nocloud" | "ignition" | "combustion";

const LABELS: { readonly [label: string]: AreaKind } = {
  [CARD_LABEL]: "boardsmith",
  CIDATA: "nocloud",
  IGNITION: "ignition",
  COMBUSTION: "combustion",
};

/** The FAT of an image that a card's own settings are written to. */
export interface ProvisionArea {
  readonly kind: AreaKind;
  /** Bytes of the image. */
  readonly start: number;
  readonly end: number;
  readonly shape: FatShape;
  readonly label: string;
  /** 8 hex digits. */
  readonly volumeId: string;
  /** What the image itself has there. */
  readonly files: readonly FatFile[];
  /** In whole blocks of 4096 bytes around it, and the image's bytes there outside of it. */
  readonly span: Range;
  readonly before: Buffer;
  readonly after: Buffer;
}

const BLOCK = 4096;
/** Tables lie in front of this. */
const TABLES = 2 * 1024 ** 2;
/** All of an area is written for every card. */
const MOST = 128 * 1024 ** 2;

/** What a look through an image gives. */
export interface FoundArea {
  readonly area: ProvisionArea;
  /** Bytes of the image, where its source did not say and all of it had to be read. */
  readonly size?: number;
}

/**
 * Finds the provisioning partition in an image's table. Reads the image forwards, up to that partition. Throws Refused when
 * there is none.
 */
export async function findArea(source: ImageSource, size: number | undefined, signal: AbortSignal): Promise<FoundArea> {
  if (!source.rereadable) {
    throw refuse(
      "provision-needs-a-file",
      "an image that becomes each card's own is read twice, and standard input can be read only once",
      "name a file or a URL",
    );
  }
  const head = Buffer.alloc(TABLES);
  const partitions = await withReader(source, signal, async (reader) => {
    const length = await reader.read(head, 0);
    return partitionsOf(head.subarray(0, length), size);
  });
  let other: string | undefined;
  // Such a partition is among the first in most images: what lies behind is not read.
  return await withReader(source, signal, async (reader) => {
    let at = 0;
    for (const { start, end } of partitions) {
      const from = Math.floor(start / BLOCK) * BLOCK;
      if (from < at || end - start > MOST || end - start < BLOCK) continue;
      const until = Math.ceil(end / BLOCK) * BLOCK;
      const bytes = Buffer.alloc(until - from);
      const first = await reader.read(bytes.subarray(0, Math.min(bytes.length, BLOCK * 2)), from);
      at = from + first;
      const begin = bytes.subarray(start - from);
      other ??= extLabel(begin);
      if (!mayBe(begin)) continue;
      const rest = first < bytes.length ? await reader.read(bytes.subarray(first), at) : 0;
      at += rest;
      const area = areaOf(bytes.subarray(0, first + rest), { start, end, from });
      if (!area) continue;
      if (area.span.start < HEAD) {
        throw refuse(
          "provision-in-head",
          `the provisioning partition begins at byte ${start}, in the card's first MiB, which is written last and for all cards alike`,
          "let it begin behind the first MiB",
        );
      }
      return { area, ...(size === undefined ? { size: await reader.end() } : {}) };
    }
    throw refuse(
      "no-provision-partition",
      other === undefined
        ? `${source.name} has no provisioning partition: no FAT that is labelled ${Object.keys(LABELS).join(", ")}`
        : `the partition "${other}" of ${source.name} is an ext4, and what makes a card its own is written to a FAT`,
      other === undefined
        ? "add { name: provision, content: provision, size: 8MiB } in front of the recipe's root partition, and build again"
        : "say `filesystem: fat16` in the recipe, and build again",
    );
  });
}

async function withReader<T>(
  source: ImageSource,
  signal: AbortSignal,
  use: (reader: ImageReader) => Promise<T>,
): Promise<T> {
  await using reader = await source.open(signal);
  return await use(reader);
}

function partitionsOf(head: Buffer, size: number | undefined): readonly Range[] {
  const read: ReadAt = (offset, length) => head.subarray(offset, offset + length);
  const gpt = parseGpt(read, size ?? head.length)?.partitions;
  const listed = gpt ?? parseMbr(head)?.partitions.filter(({ type }) => ![0x05, 0x0f, 0x85, 0xee].includes(type)) ?? [];
  return listed.map(({ start, size: length }) => ({ start, end: start + length })).sort((a, b) => a.start - b.start);
}

/** Whether it begins like a FAT with one of the labels, or with none: then the label may be in its root folder. */
function mayBe(bytes: Buffer): boolean {
  const [small, large] = [bytes.toString("latin1", 43, 54).trim(), bytes.toString("latin1", 71, 82).trim()];
  return bytes.readUInt16LE(510) === 0xaa55 && [small, large].some((label) => kindOf(label) || label === "NO NAME");
}

const kindOf = (label: string): AreaKind | undefined => LABELS[label.toUpperCase()];

/** The label of an ext2, ext3 or ext4, if it is one that Ignition or Combustion looks for. Source: Linux, fs/ext4/ext4.h. */
function extLabel(bytes: Buffer): string | undefined {
  if (bytes.length < 2048 || bytes.readUInt16LE(1024 + 56) !== 0xef53) return undefined;
  const label = bytes.toString("latin1", 1024 + 120, 1024 + 136).replace(/\0.*/, "");
  return kindOf(label) ? label : undefined;
}

function areaOf(
  bytes: Buffer,
  { start, end, from }: { readonly start: number; readonly end: number; readonly from: number },
): ProvisionArea | undefined {
  const [own, behind] = [bytes.subarray(start - from, end - from), bytes.subarray(end - from)];
  const read: ReadAt = (offset, length) => own.subarray(offset, offset + length);
  const volume = fatVolume(read, 0);
  const kind = volume && kindOf(volume.label);
  if (!volume || !kind || volume.filesystem === "ext") return undefined;
  const shapes = [volume.filesystem, "fat12", "fat16", "fat32"] as const;
  const shape = shapes.map((one) => fatShape(end - start, one)).find((one) => one !== undefined);
  if (!shape) return undefined;
  return {
    kind,
    start,
    end,
    shape,
    label: volume.label,
    volumeId: volume.uuid.replace("-", "").toLowerCase(),
    files: volume.files
      .filter(({ type }) => type === "file")
      .map((file) => ({ path: file.path, bytes: contentOf(file, own) })),
    span: { start: from, end: from + bytes.length },
    before: Buffer.from(bytes.subarray(0, start - from)),
    after: Buffer.from(behind),
  };
}

function contentOf({ size, pieces }: VolumeFile, bytes: Buffer): Buffer {
  const content = Buffer.alloc(size);
  for (const { at, start, end } of pieces) bytes.copy(content, at, start, end);
  return content;
}
