import type { Layout, PlacedPartition } from "./layout.js";

/** layout.json, beside an image: what is where, for whoever writes, mounts or checks it. Offsets and sizes in bytes. */
export interface LayoutFile {
  readonly table: "mbr" | "gpt";
  /** MBR signature (8 hex digits) or GPT disk GUID. */
  readonly diskId: string;
  readonly size: number;
  readonly partitions: readonly (PlacedPartition & {
    /** ext4's UUID, or FAT's volume id as XXXX-XXXX, as blkid shows them. */
    readonly uuid: string;
    /** As in `root=PARTUUID=`. */
    readonly partuuid: string;
  })[];
  readonly extents: Layout["extents"];
}

/** A layout with the names its parts go by. */
export function layoutFile(
  layout: Layout,
  ids: {
    readonly diskId: string;
    readonly diskUuid: string;
    readonly ids: readonly { readonly uuid: string; readonly volumeId: string; readonly partitionId: string }[];
  },
): LayoutFile {
  const partitions = layout.partitions.map((partition) => {
    const own = ids.ids[partition.number - 1];
    const volume = own?.volumeId.toUpperCase() ?? "";
    const uuid = partition.filesystem === "fat32" ? `${volume.slice(0, 4)}-${volume.slice(4)}` : (own?.uuid ?? "");
    return { ...partition, uuid, partuuid: own?.partitionId ?? "" };
  });
  const { table, size, extents } = layout;
  return { table, diskId: table === "mbr" ? ids.diskId : ids.diskUuid, size, partitions, extents };
}
