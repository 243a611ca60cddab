import type { ImageSpec, PartitionSpec, Spec } from "../recipe/spec.js";
import { type Identified, lvmIdFor, partitionId } from "./identity.js";
import type { Layout } from "./layout.js";
import { DATA_START, mapperName, SECTOR } from "./lvm/volume-group.js";

/** Where a recipe's root filesystem is. */
type RootPlace =
  | { readonly partition: PartitionSpec; readonly number: number; readonly volume?: undefined }
  | { readonly partition: PartitionSpec; readonly number: number; readonly group: string; readonly volume: string };

/** Finds the root filesystem. Throws when the image has none, which loading a recipe refuses. */
export function rootPlace(image: Pick<ImageSpec, "partitions">): RootPlace {
  for (const [index, partition] of image.partitions.entries()) {
    const number = index + 1;
    if (partition.content === "root") return { partition, number };
    if (partition.content !== "lvm") continue;
    const volume = partition.volumes.find(({ content }) => content === "root");
    if (volume) return { partition, number, group: partition.group, volume: volume.name };
  }
  throw new Error("the image has no root filesystem");
}

/** Is it the kernel itself that sets up the root volume, from a table on its command line? An initramfs would do without. */
export function kernelMapsRoot(spec: {
  readonly image: ImageSpec;
  readonly boot: Pick<Spec["boot"], "initramfs">;
  readonly netboot?: Spec["netboot"];
}): boolean {
  if (spec.netboot) return false;
  return rootPlace(spec.image).volume !== undefined && !spec.boot.initramfs;
}

/**
 * The kernel's arguments that lead to the root filesystem. A logical volume is set up by the kernel itself, so that no
 * initramfs is needed (Linux, Documentation/admin-guide/device-mapper/dm-init.rst); it gets lvm2's own name and uuid, by
 * which lvm2 then knows it for one that is active. `layout` must not depend on anything still unknown. An initramfs
 * activates the volume itself.
 */
export function rootArguments(
  spec: Identified & { readonly image: ImageSpec; readonly boot: Pick<Spec["boot"], "initramfs"> },
  layout: Layout,
): readonly string[] {
  const place = rootPlace(spec.image);
  const device = `PARTUUID=${partitionId(spec, spec.image.table, place.number, place.partition.name)}`;
  if (place.volume === undefined) return [`root=${device}`, "rootwait"];
  if (spec.boot.initramfs) return [`root=/dev/mapper/${mapperName(place.group, place.volume)}`, "rootwait"];
  const group = layout.partitions[place.number - 1]?.group;
  const volume = group?.volumes.find(({ name }) => name === place.volume);
  if (!group || !volume) throw new Error(`${place.group}/${place.volume} was not placed`);
  const uuid = `LVM-${lvmIdFor(spec, `group ${place.group}`)}${lvmIdFor(spec, `volume ${place.group}/${place.volume}`)}`;
  const start = (DATA_START + volume.firstExtent * group.extentSize) / SECTOR;
  const table = `0 ${volume.size / SECTOR} linear ${device} ${start}`;
  return [
    `dm-mod.create="${mapperName(place.group, place.volume)},${uuid},,rw,${table}"`,
    `dm-mod.waitfor=${device}`,
    "root=/dev/dm-0",
    "rootwait",
  ];
}
