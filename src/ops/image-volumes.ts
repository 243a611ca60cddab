import type { FileHandle } from "node:fs/promises";
import { open, stat } from "node:fs/promises";
import { holdings, type Layout } from "../disk/layout.js";
import { physicalVolume } from "../disk/lvm/physical-volume.js";
import { DATA_START } from "../disk/lvm/volume-group.js";
import type { Range } from "../disk/ranges.js";
import { swapHeader } from "../disk/swap.js";
import { type ImageArgs, payloadInput } from "../steps/image.js";
import { idsOf } from "./image-parts.js";
import type { OpRun } from "./op.js";
import { input } from "./stop-at.js";

interface Written {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

const CHUNK = 4 * 1024 ** 2;

/** The start of every physical volume: label, header and the group's metadata. */
export function groupBytes(layout: Layout, args: Pick<ImageArgs, "groups" | "epoch">): readonly Written[] {
  return layout.partitions.flatMap(({ group, number, offset, size }) => {
    const ids = group && args.groups[group.name];
    if (!group || !ids) return [];
    const bytes = physicalVolume({
      name: group.name,
      id: ids.id,
      extentSize: group.extentSize,
      physical: { id: ids.physical, size, extents: group.extents, device: `/dev/mmcblk0p${number}` },
      volumes: group.volumes.map(({ name, firstExtent, extents }) => ({
        name,
        id: ids.volumes[name]?.id ?? "",
        firstExtent,
        extents,
      })),
      epoch: args.epoch,
    });
    return [{ offset, bytes }];
  });
}

/**
 * All that lies in front of a group's first extent. Most of it is zeros, and those are written to a card, too: a card's
 * earlier life may have left a filesystem's mark there, and what has two marks is nobody's.
 */
export function groupHeads(layout: Layout): readonly Range[] {
  return layout.partitions.flatMap(({ group, offset }) => (group ? [span(offset, DATA_START)] : []));
}

/** The first page of every swap space. */
export function swapBytes(layout: Layout, args: Pick<ImageArgs, "ids" | "groups">): readonly Written[] {
  return holdings(layout)
    .filter(({ content }) => content === "swap")
    .map((holding) => ({
      offset: holding.offset,
      bytes: swapHeader({ ...holding, uuid: idsOf(layout, args, holding).uuid }),
    }));
}

/** Bytes of each payload, by `GROUP/VOLUME`. */
export async function payloadSizes(
  run: OpRun,
  args: Pick<ImageArgs, "image">,
): Promise<{ readonly [volume: string]: number }> {
  const sizes: Record<string, number> = {};
  for (const partition of args.image.partitions) {
    if (partition.content !== "lvm") continue;
    for (const { name, content } of partition.volumes) {
      if (content !== "payload") continue;
      sizes[`${partition.group}/${name}`] = (await stat(input(run, payloadInput(partition.group, name)))).size;
    }
  }
  return sizes;
}

/** Copies payloads into their volumes, runs of zeros as holes; gives the ranges that hold them, zeros included. */
export async function writePayloads(run: OpRun, layout: Layout, image: FileHandle): Promise<readonly Range[]> {
  const ranges: Range[] = [];
  const buffer = Buffer.alloc(CHUNK);
  for (const { content, group, name, offset } of holdings(layout)) {
    if (content !== "payload" || group === undefined) continue;
    await using from = await open(input(run, payloadInput(group, name)), "r");
    let at = 0;
    for (;;) {
      run.signal.throwIfAborted();
      const { bytesRead } = await from.read(buffer, 0, CHUNK, at);
      if (bytesRead === 0) break;
      const bytes = buffer.subarray(0, bytesRead);
      if (bytes.some((byte) => byte !== 0)) await image.write(bytes, 0, bytesRead, offset + at);
      at += bytesRead;
    }
    ranges.push(span(offset, at));
  }
  return ranges;
}

/** From an offset and a length. */
export function span(offset: number, length: number): Range {
  return { start: offset, end: offset + length };
}
