import { partitionId, uuidFor } from "../disk/identity.js";
import type { Spec } from "../recipe/spec.js";
import type { Provisioning } from "../rootfs/provision.js";

type Mount = Provisioning["mounts"][number];

const ROOT = { where: "/", options: "defaults,noatime,errors=remount-ro", pass: 1 };
/** A board that has booted can do without the rest: no mount of theirs holds a boot up. */
const BOOT = { where: "/boot", options: "defaults,noatime,nofail,umask=0022", pass: 0 };
const MORE = { options: "defaults,noatime,nofail", pass: 2 };
const SWAP = { where: "none", type: "swap", options: "sw,nofail", pass: 0 };

/** The image's own filesystems and swap spaces, as the booted system is to mount them. */
export function mounts(spec: Spec): readonly Mount[] {
  return spec.image.partitions.flatMap((one, index): readonly Mount[] => {
    if (one.content === "lvm") return volumes(spec, one);
    const partition = partitionId(spec, spec.image.table, index + 1, one.name);
    const own = { partition, label: one.label, type: one.filesystem.startsWith("fat") ? "vfat" : one.filesystem };
    if (one.content === "root") return [{ ...own, ...ROOT }];
    if (one.content === "boot") return [{ ...own, ...BOOT }];
    return one.mount === undefined ? [] : [{ ...own, where: one.mount, ...MORE }];
  });
}

function volumes(
  spec: Spec,
  group: Extract<Spec["image"]["partitions"][number], { content: "lvm" }>,
): readonly Mount[] {
  return group.volumes.flatMap(({ name, content, label, mount }): readonly Mount[] => {
    const own = { uuid: uuidFor(spec, `filesystem ${group.group}/${name}`), label };
    if (content === "root") return [{ ...own, type: "ext4", ...ROOT }];
    if (content === "swap") return [{ ...own, ...SWAP }];
    return content === "payload" || mount === undefined ? [] : [{ ...own, type: "ext4", where: mount, ...MORE }];
  });
}
