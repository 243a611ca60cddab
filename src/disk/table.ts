import { writeGpt } from "./gpt.js";
import type { Layout, PlacedPartition } from "./layout.js";
import { SECTOR, writeMbr } from "./mbr.js";

/** MBR types, as Linux and Windows name them. */
const MBR_TYPES = { fat32: 0x0c, fat16: 0x0e, ext4: 0x83, lvm2: 0x8e } as const;
/** GPT types: basic data, Linux filesystem, Linux LVM. */
const GPT_TYPES = {
  fat32: "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7",
  fat16: "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7",
  ext4: "0fc63daf-8483-4772-8e79-3d69d8477de4",
  lvm2: "e6d6d379-f507-44c2-a23c-238f2a3df928",
} as const;

/** The partition table's bytes and where they go. The boot partition is the active one: U-Boot looks there first. */
export function tableBytes(
  layout: Layout,
  ids: {
    readonly diskId: string;
    readonly diskUuid: string;
    readonly ids: readonly { readonly partitionId: string }[];
  },
): { readonly offset: number; readonly bytes: Uint8Array }[] {
  if (layout.table === "mbr") {
    const partitions = layout.partitions.map((partition) => ({
      start: partition.offset,
      size: partition.size,
      type: MBR_TYPES[partition.filesystem],
      active: boots(partition),
    }));
    return [{ offset: 0, bytes: writeMbr({ diskId: ids.diskId, partitions }) }];
  }
  const first = layout.partitions[0]?.offset ?? layout.gptEntries;
  return writeGpt({
    diskUuid: ids.diskUuid,
    size: layout.size,
    entriesAt: layout.gptEntries,
    firstUsable: Math.floor(first / SECTOR) * SECTOR,
    partitions: layout.partitions.map((partition) => ({
      start: partition.offset,
      size: partition.size,
      type: GPT_TYPES[partition.filesystem],
      uuid: ids.ids[partition.number - 1]?.partitionId ?? "",
      name: partition.name,
      bootable: boots(partition),
    })),
  });
}

const boots = (partition: PlacedPartition): boolean => partition.content === "boot";
