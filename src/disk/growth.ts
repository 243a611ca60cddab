import type { ImageSpec } from "../recipe/spec.js";

/**
 * The volume that takes what a larger card has to give, where the card ends with a volume group: of those whose
 * filesystem can grow the one with the rest, else the root filesystem's; else it is only the group that grows. `name`:
 * `GROUP/VOLUME`, or `GROUP/`. `mount`: where it is mounted, when that is not the root.
 */
export function growVolume({
  partitions,
}: Pick<ImageSpec, "partitions">): { readonly name: string; readonly mount?: string } | undefined {
  const last = partitions.at(-1);
  if (last?.content !== "lvm") return undefined;
  const volume = growing(last.volumes);
  const mount = volume?.mount;
  return { name: `${last.group}/${volume?.name ?? ""}`, ...(mount === undefined ? {} : { mount }) };
}

/** Is it the root filesystem that takes what a larger card has to give? */
export function rootGrows({ partitions }: Pick<ImageSpec, "partitions">): boolean {
  const last = partitions.at(-1);
  if (last?.content === "lvm") return growing(last.volumes)?.content === "root";
  return last?.content === "root";
}

type Volumes = Extract<ImageSpec["partitions"][number], { content: "lvm" }>["volumes"];

function growing(volumes: Volumes): Volumes[number] | undefined {
  const able = volumes.filter(({ content }) => content === "root" || content === "empty");
  return able.find(({ size }) => "rest" in size) ?? able.find(({ content }) => content === "root");
}
