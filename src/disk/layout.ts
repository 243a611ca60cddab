/**
 * Where everything goes on the card, decided before anything is written. Tables and the boot loader are extents like
 * partitions are, so one overlap check covers all.
 *
 *   0         MBR, or protective MBR and GPT header
 *   8 KiB     SPL and U-Boot (the board says where)
 *   reserved  first partition, next partition, …
 *   end       GPT's backup, when there is one
 */
import type { Board } from "../board/board.js";
import type { Diagnostic } from "../diagnostic/diagnostic.js";
import type { ImageSpec, PartitionSpec } from "../recipe/spec.js";
import { formatSize, hex } from "../util/size.js";
import { GPT_BACKUP_SIZE, GPT_ENTRIES_SIZE } from "./gpt.js";
import { type Contents, checkHolding, contentSize, type Holding, problem } from "./holding.js";
import { groupSize, type PlacedGroup, placeGroup } from "./layout-group.js";
import { SECTOR } from "./mbr.js";

export interface Extent {
  readonly name: string;
  readonly start: number;
  readonly size: number;
  readonly kind: "table" | "boot loader" | "partition";
}

export interface PlacedPartition {
  /** Counts from 1, as in the table. */
  readonly number: number;
  readonly name: string;
  readonly content: PartitionSpec["content"];
  readonly filesystem: "fat32" | "fat16" | "ext4" | "lvm2";
  readonly label: string;
  readonly offset: number;
  readonly size: number;
  /** Of `content: lvm`. */
  readonly group?: PlacedGroup;
}

export interface Layout {
  readonly table: ImageSpec["table"];
  readonly size: number;
  /** Sorted by start, tables and boot loader included. */
  readonly extents: readonly Extent[];
  readonly partitions: readonly PlacedPartition[];
  /** Byte offset of GPT's entries. */
  readonly gptEntries: number;
}

const GPT_ENTRIES = 2 * SECTOR;

/** Places an image's parts, or says everything that is wrong with them. */
export function placeLayout(
  image: ImageSpec,
  spl: Board["spl"],
  contents: Contents,
):
  | { readonly layout: Layout; readonly diagnostics: readonly [] }
  | { readonly layout?: undefined; readonly diagnostics: readonly Diagnostic[] } {
  const wrong = checkNumbers(image);
  if (wrong.length > 0) return { diagnostics: wrong };

  const gptEntries = image.gptEntries ?? GPT_ENTRIES;
  const tables = tableExtents(image, gptEntries);
  const head = Math.max(...tables.filter((extent) => extent.start < image.size / 2).map(endOf));
  const tail = image.table === "gpt" ? image.size - GPT_BACKUP_SIZE : image.size;
  const begin = up(Math.max(spl.reserved, head), image.align);
  const sizes = image.partitions.map((partition) => fixedSize(partition, contents));
  const rest = roomForRest(image, sizes, begin, tail);

  const partitions: PlacedPartition[] = [];
  const groupsWrong: Diagnostic[] = [];
  let cursor = begin;
  for (const [index, spec] of image.partitions.entries()) {
    const size = sizes[index] ?? rest;
    const own = { number: index + 1, name: spec.name, offset: cursor, size };
    if (spec.content === "lvm") {
      const placed = placeGroup(spec, own, contents);
      groupsWrong.push(...placed.diagnostics);
      partitions.push({ ...own, content: "lvm", filesystem: "lvm2", label: "", group: placed.group });
    } else {
      const { content, filesystem, label } = spec;
      partitions.push({ ...own, content, filesystem, label });
    }
    cursor = up(cursor + size, image.align);
  }

  const loader = contents.bootLoader ?? 32 * 1024;
  const extents: Extent[] = [
    ...tables,
    { name: "SPL and U-Boot", start: spl.offset, size: loader, kind: "boot loader" as const },
    ...partitions.map(({ name, offset, size }) => ({
      name: `partition "${name}"`,
      start: offset,
      size,
      kind: "partition" as const,
    })),
  ].sort((a, b) => a.start - b.start);
  const capacity = checkCapacity(image, partitions, tail, cursor);
  const diagnostics = [
    ...capacity,
    ...checkOverlaps(extents),
    // What a partition lacks that lies beyond the image's end is no news.
    ...(capacity.length > 0 ? [] : groupsWrong),
    ...partitions.flatMap((one) => {
      const { filesystem, content } = one;
      if (filesystem === "lvm2" || content === "lvm") return [];
      return checkHolding(`partition "${one.name}"`, { ...one, filesystem, content }, contents);
    }),
  ];
  if (diagnostics.length > 0) return { diagnostics };
  return { layout: { table: image.table, size: image.size, extents, partitions, gptEntries }, diagnostics: [] };
}

function checkNumbers(image: ImageSpec): Diagnostic[] {
  const found: Diagnostic[] = [];
  const aligned = (what: string, value: number, unit: number): void => {
    if (value > 0 && value % unit === 0) return;
    const near = Math.max(unit, up(value, unit));
    found.push(
      problem(
        "layout-alignment",
        `${what} is ${value} bytes, no multiple of ${unit}`,
        `make it ${near} (${formatSize(near)})`,
      ),
    );
  };
  aligned("the image's size", image.size, SECTOR);
  aligned("the image's alignment", image.align, 4096);
  for (const partition of image.partitions) {
    if ("bytes" in partition.size) aligned(`the size of partition "${partition.name}"`, partition.size.bytes, 4096);
  }
  if (image.table === "gpt" && image.gptEntries !== undefined)
    aligned("the offset of GPT's entries", image.gptEntries, SECTOR);
  if (image.table === "mbr" && image.partitions.length > 4) {
    found.push(
      problem(
        "layout-too-many-partitions",
        `an MBR holds 4 partitions, the recipe has ${image.partitions.length}`,
        "leave some out, or use `table: gpt` where the board's boot ROM lets it",
      ),
    );
  }
  for (const partition of image.partitions) {
    if (partition.content !== "root" || partition.filesystem === "ext4") continue;
    const message = `partition "${partition.name}" would hold the root filesystem on ${partition.filesystem}, which knows no owners and links`;
    found.push(problem("layout-root-on-fat", message, "use `filesystem: ext4`"));
  }
  const rests = image.partitions.filter((partition) => "rest" in partition.size);
  if (rests.length > 1) {
    found.push(
      problem(
        "layout-two-rests",
        `partitions ${rests.map((partition) => `"${partition.name}"`).join(" and ")} both take the rest of the image`,
        "give all but one a size",
      ),
    );
  }
  return found;
}

function tableExtents(image: ImageSpec, gptEntries: number): Extent[] {
  if (image.table === "mbr") return [{ name: "the MBR", start: 0, size: SECTOR, kind: "table" }];
  return [
    { name: "GPT's header", start: 0, size: 2 * SECTOR, kind: "table" },
    { name: "GPT's partition entries", start: gptEntries, size: GPT_ENTRIES_SIZE, kind: "table" },
    { name: "GPT's backup", start: image.size - GPT_BACKUP_SIZE, size: GPT_BACKUP_SIZE, kind: "table" },
  ];
}

/** Bytes of a partition that does not take the rest. */
function fixedSize(partition: PartitionSpec, contents: Contents): number | undefined {
  const { size } = partition;
  if ("rest" in size) return undefined;
  if ("bytes" in size) return size.bytes;
  const { slack } = size.content;
  return partition.content === "lvm" ? groupSize(partition, contents, slack) : contentSize(partition, contents, slack);
}

function roomForRest(image: ImageSpec, sizes: readonly (number | undefined)[], begin: number, tail: number): number {
  const last = sizes.length - 1;
  const fixed = sizes.map((size, index) => (size === undefined ? 0 : index === last ? size : up(size, image.align)));
  const left = tail - begin - fixed.reduce((sum, size) => sum + size, 0);
  const unit = sizes[last] === undefined ? 4096 : image.align;
  return Math.max(0, Math.floor(left / unit) * unit);
}

function checkCapacity(
  image: ImageSpec,
  placed: readonly PlacedPartition[],
  tail: number,
  cursor: number,
): Diagnostic[] {
  const over = placed.find(({ offset, size }) => offset + size > tail);
  const starved = placed.find(({ size }) => size < 4096 * 16);
  const party = over ?? starved;
  if (!party) return [];
  const least = Math.max(cursor, ...placed.map(({ offset, size }) => offset + size)) + (image.size - tail);
  const message = over
    ? `the layout is larger than the image: partition "${over.name}" ends at ${formatSize(over.offset + over.size)}, the image has room up to ${formatSize(tail)}`
    : `nothing is left of the image's ${formatSize(image.size)} for partition "${party.name}"`;
  const need = starved ? up(least + 64 * 1024 ** 2, 1024 ** 2) : up(least, 1024 ** 2);
  return [
    problem("layout-image-too-small", message, `make image.size at least ${formatSize(need)}, or a partition smaller`),
  ];
}

/** Every pair of neighbours that share bytes. */
function checkOverlaps(extents: readonly Extent[]): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const [index, a] of extents.entries()) {
    for (const b of extents.slice(index + 1)) {
      if (a.size === 0 || b.size === 0 || endOf(a) <= b.start || endOf(b) <= a.start) continue;
      found.push(
        problem(
          a.kind !== b.kind && [a, b].some(isTable) && [a, b].some(isLoader) ? "layout-spl-in-table" : "layout-overlap",
          `${shown(a)} overlaps ${shown(b)} by ${formatSize(Math.min(endOf(a), endOf(b)) - b.start)}`,
          remedy(a, b),
        ),
      );
    }
  }
  return found;
}

function remedy(a: Extent, b: Extent): string {
  if ([a, b].some(isTable) && [a, b].some(isLoader)) {
    return "the boot ROM reads the SPL from there: use `table: mbr`";
  }
  if ([a, b].some(isLoader)) {
    return `make U-Boot smaller, or let the board reserve at least ${formatSize(up(endOf(a), 4096))} for it`;
  }
  return `move the second to ${hex(endOf(a))} or further`;
}

const isTable = (extent: Extent): boolean => extent.kind === "table";
const isLoader = (extent: Extent): boolean => extent.kind === "boot loader";

/** All that holds something: partitions and the volumes inside them, with the group's name for these. */
export function holdings(layout: Pick<Layout, "partitions">): readonly (Holding & { readonly group?: string })[] {
  return layout.partitions.flatMap((partition): readonly (Holding & { readonly group?: string })[] => {
    const { filesystem, content, group } = partition;
    if (group) return group.volumes.map((volume) => ({ ...volume, group: group.name }));
    const { name, label, offset, size } = partition;
    return filesystem === "lvm2" || content === "lvm" ? [] : [{ name, label, offset, size, filesystem, content }];
  });
}

const endOf = (extent: Extent): number => extent.start + extent.size;
const shown = (extent: Extent): string => `${extent.name} (${hex(extent.start)} to ${hex(endOf(extent))})`;
const up = (value: number, unit: number): number => Math.ceil(value / unit) * unit;
