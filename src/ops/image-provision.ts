import { type FatFile, fatNeed, fatRoom, makeFat } from "../disk/fat-make.js";
import { fatShape } from "../disk/fat-shape.js";
import { holdings, type Layout } from "../disk/layout.js";
import { SECTOR } from "../disk/mbr.js";
import type { ImageArgs } from "../steps/image.js";
import { formatSize } from "../util/size.js";
import { indexOf } from "./image-parts.js";
import type { OpRun } from "./op.js";
import { stopAt } from "./stop-at.js";

/** Provisioning partitions that are FAT16: empty, until a card is made its own, or with what a first boot reads. */
export function provisionBytes(
  run: OpRun,
  layout: Layout,
  args: Pick<ImageArgs, "ids" | "epoch">,
  file: FatFile | undefined,
): readonly { readonly offset: number; readonly bytes: Uint8Array }[] {
  return holdings(layout).flatMap((holding) => {
    const { filesystem, name, offset, size, label } = holding;
    if (filesystem !== "fat16") return [];
    const shape = fatShape(size, "fat16");
    if (!shape) throw new Error(`a FAT16 of ${size} bytes was not refused`);
    const volumeId = args.ids[indexOf(layout, holding)]?.volumeId ?? "";
    const files = file ? [file] : [];
    const identity = { label: label.toUpperCase(), volumeId, hidden: offset / SECTOR, epoch: args.epoch };
    const bytes = makeFat(shape, identity, files);
    if (bytes) return [{ offset, bytes }];
    const message = `${file?.path} takes ${formatSize(fatNeed(shape, files))}, and partition "${name}" has room for ${formatSize(fatRoom(shape))}`;
    const help = "make the partition larger";
    stopAt(
      run,
      [{ severity: "error", code: "layout-content-too-large", message, help }],
      "the layout does not work out",
    );
    return [];
  });
}
