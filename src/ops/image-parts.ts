import { ext4Shape, fat32Shape } from "../disk/fs-size.js";
import type { Layout } from "../disk/layout.js";
import type { TarMeasure } from "../disk/tar-measure.js";
import type { ImageArgs } from "../steps/image.js";

/** What image.sh reads as /in/parts: one line for each filesystem to make, the label last. */
export function partLines(
  layout: Layout,
  args: Pick<ImageArgs, "ids">,
  measures: { readonly boot: TarMeasure; readonly root: TarMeasure },
): string {
  const lines = layout.partitions.map(({ number, filesystem, content, offset, size, label }) => {
    const ids = args.ids[number - 1];
    if (!ids) throw new Error(`no ids for partition ${number}`);
    const from = { boot: "/in/boot", root: "/in/rootfs", empty: "none" }[content];
    if (filesystem === "fat32") {
      const cluster = fat32Shape(size)?.sectorsPerCluster ?? 1;
      return ["fat32", offset, size, from, ids.volumeId, cluster, label.toUpperCase()].join(" ");
    }
    const measure = content === "empty" ? { entries: 0, folders: 0, blocks: 0, lostAttributes: 0 } : measures[content];
    const { journal, inodes } = ext4Shape(size, measure);
    return ["ext4", offset, size, from, ids.uuid, ids.hashSeed, inodes, journal, label].join(" ");
  });
  return `${lines.join("\n")}\n`;
}
