import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { formatSize } from "../util/size.js";
import {
  ext4HoldsJournal,
  ext4Room,
  ext4Size,
  FAT32_LEAST,
  fat16Size,
  fat32Room,
  fat32Shape,
  fat32Size,
} from "./fs-size.js";
import type { TarMeasure } from "./tar-measure.js";

/** A part of the card that holds something: a partition, or a logical volume inside one. Bytes from the card's start. */
export interface Holding {
  readonly name: string;
  readonly content: "boot" | "root" | "provision" | "empty" | "swap" | "payload";
  readonly filesystem: "fat32" | "fat16" | "ext4" | "swap" | "none";
  readonly label: string;
  readonly offset: number;
  readonly size: number;
}

/** Real sizes, as far as they are known; while planning nothing is. */
export interface Contents {
  /** Bytes of SPL and U-Boot. */
  readonly bootLoader?: number;
  readonly boot?: TarMeasure;
  readonly root?: TarMeasure;
  readonly provision?: TarMeasure;
  /** Bytes of the payloads, by `GROUP/VOLUME`. */
  readonly payloads?: { readonly [volume: string]: number };
}

const NOTHING: TarMeasure = { entries: 0, folders: 0, blocks: 0, lostAttributes: 0 };

/** What goes into it, as far as it is known. */
export function measureOf(content: Holding["content"], contents: Contents): TarMeasure | undefined {
  return content === "boot" || content === "root" || content === "provision" ? contents[content] : NOTHING;
}

/** Bytes that its content needs with `slack` to spare. */
export function contentSize(
  holding: Pick<Holding, "content" | "filesystem">,
  contents: Contents,
  slack: number,
): number {
  const measure = measureOf(holding.content, contents) ?? NOTHING;
  if (holding.filesystem === "fat16") return fat16Size(measure, slack);
  return holding.filesystem === "fat32" ? fat32Size(measure, slack) : ext4Size(measure, slack);
}

/** Does its content fit? `what` names it: `partition "root"`, `volume "system/root"`. */
export function checkHolding(what: string, holding: Holding, contents: Contents): Diagnostic[] {
  const { filesystem, size } = holding;
  if (filesystem === "fat32" && size > 0 && !fat32Shape(size)) {
    const message = `${what} has ${formatSize(size)}, too few clusters for a FAT32`;
    return [problem("layout-fat32-too-small", message, `make it at least ${formatSize(FAT32_LEAST)}`)];
  }
  // What goes onto a FAT16 is laid out when it is made, to the byte.
  if (filesystem === "fat16") return [];
  const measure = measureOf(holding.content, contents);
  if (!measure || size === 0 || filesystem === "swap" || filesystem === "none") return [];
  const room = filesystem === "fat32" ? fat32Room(size) : ext4Room(size, measure);
  const bytes = filesystem === "fat32" ? measure.blocks * 512 : measure.blocks * 4096;
  const need = filesystem === "fat32" ? fat32Size(measure, 0) : ext4Size(measure, 0);
  if (filesystem === "ext4" && bytes <= room && !ext4HoldsJournal(size, measure)) {
    const message = `${what} has ${formatSize(size)}, too few for an ext4 and its journal`;
    return [problem("layout-ext4-too-small", message, `make it at least ${formatSize(need)}`)];
  }
  if (bytes <= room) return [];
  return [
    problem(
      "layout-content-too-large",
      `the content of ${what} takes ${formatSize(bytes)}, its ${filesystem} of ${formatSize(size)} has room for ${formatSize(Math.max(0, room))}`,
      `make the ${what.replace(/ .*/, "")} at least ${formatSize(need)}, or use \`size: content\``,
    ),
  ];
}

/** Shorthand for an error of a layout, which has no place in a file. */
export function problem(code: string, message: string, help: string): Diagnostic {
  return { severity: "error", code, message, help };
}
