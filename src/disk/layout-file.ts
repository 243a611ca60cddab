import type { Layout, PlacedPartition } from "./layout.js";
import type { PlacedGroup, PlacedVolume } from "./layout-group.js";
import { dashed } from "./lvm/uuid.js";
import { mapperName } from "./lvm/volume-group.js";

/** layout.json, beside an image: what is where, for whoever writes, mounts or checks it. Offsets and sizes in bytes. */
export interface LayoutFile {
  readonly table: "mbr" | "gpt";
  /** MBR signature (8 hex digits) or GPT disk GUID. */
  readonly diskId: string;
  readonly size: number;
  readonly partitions: readonly LaidPartition[];
  readonly extents: Layout["extents"];
}

export interface LaidPartition extends Omit<PlacedPartition, "group"> {
  /** ext4's UUID, FAT's volume id as XXXX-XXXX, or the physical volume's id, as blkid shows them. */
  readonly uuid: string;
  /** As in `root=PARTUUID=`. */
  readonly partuuid: string;
  readonly group?: Omit<PlacedGroup, "volumes"> & {
    /** As vgs shows it. */
    readonly uuid: string;
    readonly volumes: readonly (PlacedVolume & {
      /** Of what is in it; empty for a payload. */
      readonly uuid: string;
      /** Below /dev/mapper. */
      readonly mapper: string;
    })[];
  };
}

/** A layout with the names its parts go by. */
export function layoutFile(
  layout: Layout,
  ids: {
    readonly diskId: string;
    readonly diskUuid: string;
    readonly ids: readonly { readonly uuid: string; readonly volumeId: string; readonly partitionId: string }[];
    readonly groups: {
      readonly [group: string]: {
        readonly id: string;
        readonly physical: string;
        readonly volumes: { readonly [volume: string]: { readonly uuid: string } };
      };
    };
  },
): LayoutFile {
  const partitions = layout.partitions.map(({ group, ...partition }): LaidPartition => {
    const own = ids.ids[partition.number - 1];
    const partuuid = own?.partitionId ?? "";
    if (!group) {
      const uuid =
        partition.filesystem === "fat32" || partition.filesystem === "fat16"
          ? fatUuid(own?.volumeId ?? "")
          : (own?.uuid ?? "");
      return { ...partition, uuid, partuuid };
    }
    const known = ids.groups[group.name];
    const volumes = group.volumes.map((volume) => ({
      ...volume,
      uuid: volume.content === "payload" ? "" : (known?.volumes[volume.name]?.uuid ?? ""),
      mapper: mapperName(group.name, volume.name),
    }));
    const uuid = dashed(known?.physical ?? "");
    return { ...partition, uuid, partuuid, group: { ...group, uuid: dashed(known?.id ?? ""), volumes } };
  });
  const { table, size, extents } = layout;
  return { table, diskId: table === "mbr" ? ids.diskId : ids.diskUuid, size, partitions, extents };
}

/** FAT's volume id as blkid writes it. */
function fatUuid(id: string): string {
  return `${id.slice(0, 4)}-${id.slice(4)}`.toUpperCase();
}
