import { ext4Shape, fat32Shape } from "../disk/fs-size.js";
import { type Contents, type Holding, measureOf } from "../disk/holding.js";
import { holdings, type Layout } from "../disk/layout.js";
import type { FilesystemIds, ImageArgs } from "../steps/image.js";

const FROM = { boot: "/in/boot", root: "/in/rootfs", provision: "/in/provision", empty: "none" } as const;

/** What image.sh reads as /in/parts: one line for each filesystem to make, the label last. */
export function partLines(layout: Layout, args: Pick<ImageArgs, "ids" | "groups">, contents: Contents): string {
  const lines = holdings(layout).flatMap((holding) => {
    const { content, filesystem, offset, size, label } = holding;
    // Those are written without a tool.
    if (content === "swap" || content === "payload" || filesystem === "fat16") return [];
    if (filesystem === "fat32") {
      const cluster = fat32Shape(size)?.sectorsPerCluster ?? 1;
      const volume = args.ids[indexOf(layout, holding)]?.volumeId;
      return [["fat32", offset, size, FROM[content], volume, cluster, label.toUpperCase()].join(" ")];
    }
    const measure = measureOf(content, contents);
    if (!measure) throw new Error(`the ${content} tar was not measured`);
    const { journal, inodes } = ext4Shape(size, measure);
    const { uuid, hashSeed } = idsOf(layout, args, holding);
    return [["ext4", offset, size, FROM[content], uuid, hashSeed, inodes, journal, label].join(" ")];
  });
  return `${lines.join("\n")}\n`;
}

/** The ids of what a partition or a volume holds. */
export function idsOf(
  layout: Layout,
  args: Pick<ImageArgs, "ids" | "groups">,
  holding: Holding & { readonly group?: string },
): FilesystemIds {
  const ids =
    holding.group === undefined
      ? args.ids[indexOf(layout, holding)]
      : args.groups[holding.group]?.volumes[holding.name];
  if (!ids) throw new Error(`no ids for ${holding.name}`);
  return ids;
}

/** Which partition, from 0, holds it. */
export function indexOf(layout: Layout, holding: Holding): number {
  return layout.partitions.findIndex(({ offset }) => offset === holding.offset);
}
