import type { Fragment } from "../kconfig/fragment.js";
import type { Assets } from "../plan/step.js";
import type { Spec } from "../recipe/spec.js";

/** Fragments with what a kernel needs for the recipe's NFS mounts, its exports, and a root filesystem on a server. */
export function nfsNeeds(spec: Pick<Spec, "provision" | "netboot">, assets: Assets): readonly Fragment[] {
  const { mounts, exports } = spec.provision.nfs;
  const names = [
    ...(mounts.length > 0 || spec.netboot ? ["nfs-client"] : []),
    ...(exports.length > 0 ? ["nfs-server"] : []),
    ...(spec.netboot ? ["nfs-root"] : []),
  ];
  return names.map((name) => ({ name, text: assets.text(`steps/${name}.config`) }));
}
