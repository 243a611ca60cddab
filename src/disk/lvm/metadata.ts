import { dashed } from "./uuid.js";
import { DATA_START, SECTOR, type VolumeGroup } from "./volume-group.js";

/**
 * A volume group in lvm2's text format (lvm2, lib/format_text/export.c; lvm.conf(5) for the syntax). lvm2 reads it, and
 * from then on keeps it itself: seqno 1 is the state at birth.
 */
export function metadataText(group: VolumeGroup): string {
  const { physical, volumes } = group;
  return `${group.name} {
id = "${dashed(group.id)}"
seqno = 1
format = "lvm2"
status = ["RESIZEABLE", "READ", "WRITE"]
flags = []
extent_size = ${group.extentSize / SECTOR}
max_lv = 0
max_pv = 0
metadata_copies = 0

physical_volumes {

pv0 {
id = "${dashed(physical.id)}"
device = "${physical.device}"

status = ["ALLOCATABLE"]
flags = []
dev_size = ${Math.floor(physical.size / SECTOR)}
pe_start = ${DATA_START / SECTOR}
pe_count = ${physical.extents}
}
}
${volumes.length === 0 ? "" : `\nlogical_volumes {\n${volumes.map((one) => volumeText(one, group.epoch)).join("")}}\n`}
}
contents = "Text Format Volume Group"
version = 1

description = "made by boardsmith"

creation_host = "boardsmith"
creation_time = ${group.epoch}

`;
}

function volumeText(volume: VolumeGroup["volumes"][number], epoch: number): string {
  return `
${volume.name} {
id = "${dashed(volume.id)}"
status = ["READ", "WRITE", "VISIBLE"]
flags = []
creation_time = ${epoch}
creation_host = "boardsmith"
segment_count = 1

segment1 {
start_extent = 0
extent_count = ${volume.extents}

type = "striped"
stripe_count = 1

stripes = [
"pv0", ${volume.firstExtent}
]
}
}
`;
}
