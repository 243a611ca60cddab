import type { Diagnostic } from "../diagnostic/diagnostic.js";
import type { GroupSpec, VolumeSpec } from "../recipe/spec.js";
import { formatSize } from "../util/size.js";
import { type Contents, checkHolding, contentSize, type Holding, problem } from "./holding.js";
import { DATA_START, extentsIn } from "./lvm/volume-group.js";

export interface PlacedVolume extends Holding {
  readonly firstExtent: number;
  readonly extents: number;
}

/** A volume group inside its partition. */
export interface PlacedGroup {
  readonly name: string;
  /** Bytes. */
  readonly extentSize: number;
  /** All that the partition has room for. */
  readonly extents: number;
  readonly volumes: readonly PlacedVolume[];
}

const FILESYSTEMS = { root: "ext4", empty: "ext4", swap: "swap", payload: "none" } as const;

/** Bytes of a partition as large as its group's volumes of fixed size, and `slack` more. */
export function groupSize(group: GroupSpec, contents: Contents, slack: number): number {
  const extents = group.volumes.reduce((sum, volume) => sum + (fixedExtents(group, volume, contents, 0) ?? 0), 0);
  return DATA_START + (extents + Math.ceil(slack / group.extentSize)) * group.extentSize;
}

/** Places a group's volumes one behind the other, or says what is wrong with them. `at`: the partition. */
export function placeGroup(
  spec: GroupSpec,
  at: { readonly offset: number; readonly size: number },
  contents: Contents,
): { readonly group: PlacedGroup; readonly diagnostics: readonly Diagnostic[] } {
  const extents = extentsIn(at.size, spec.extentSize);
  const fixed = spec.volumes.map((volume) => fixedExtents(spec, volume, contents, extents));
  const taken = fixed.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  const volumes: PlacedVolume[] = [];
  let next = 0;
  for (const [index, volume] of spec.volumes.entries()) {
    const count = fixed[index] ?? Math.max(0, extents - taken);
    const { name, content, label } = volume;
    const filesystem = FILESYSTEMS[content];
    const offset = at.offset + DATA_START + next * spec.extentSize;
    const size = count * spec.extentSize;
    volumes.push({ name, content, filesystem, label, offset, size, firstExtent: next, extents: count });
    next += count;
  }
  const group = { name: spec.group, extentSize: spec.extentSize, extents, volumes };
  const tooLarge = checkRoom(spec, group, next);
  const diagnostics =
    tooLarge.length > 0
      ? tooLarge
      : volumes.flatMap((volume) => {
          const name = `${spec.group}/${volume.name}`;
          return [...checkHolding(`volume "${name}"`, volume, contents), ...checkPayload(name, volume, contents)];
        });
  return { group, diagnostics };
}

/** Extents of a volume that does not take the rest. */
function fixedExtents(group: GroupSpec, volume: VolumeSpec, contents: Contents, extents: number): number | undefined {
  const { size } = volume;
  if ("rest" in size) return undefined;
  if ("percent" in size) return Math.floor((extents * size.percent) / 100);
  if ("bytes" in size) return Math.ceil(size.bytes / group.extentSize);
  const payload = contents.payloads?.[`${group.group}/${volume.name}`] ?? 0;
  const bytes =
    volume.content === "payload"
      ? payload + size.content.slack
      : contentSize({ content: volume.content, filesystem: FILESYSTEMS[volume.content] }, contents, size.content.slack);
  return Math.max(1, Math.ceil(bytes / group.extentSize));
}

function checkRoom(spec: GroupSpec, group: PlacedGroup, used: number): Diagnostic[] {
  const bytes = (extents: number) => formatSize(extents * group.extentSize);
  if (used > group.extents) {
    return [
      problem(
        "layout-group-too-small",
        `the volumes of group "${group.name}" take ${bytes(used)}, partition "${spec.name}" has room for ${bytes(group.extents)} in extents of ${formatSize(group.extentSize)}`,
        "make the partition larger, or a volume smaller",
      ),
    ];
  }
  return group.volumes
    .filter((volume) => volume.extents === 0)
    .map((volume) =>
      problem(
        "layout-group-too-small",
        `nothing is left of group "${group.name}" for volume "${volume.name}": partition "${spec.name}" has room for ${bytes(group.extents)}`,
        "make the partition larger, or another volume smaller",
      ),
    );
}

function checkPayload(name: string, volume: PlacedVolume, contents: Contents): Diagnostic[] {
  const payload = contents.payloads?.[name];
  if (payload === undefined || payload <= volume.size) return [];
  const message = `the payload of volume "${name}" has ${formatSize(payload)}, the volume ${formatSize(volume.size)}`;
  return [problem("layout-content-too-large", message, "make the volume larger, or use `size: content`")];
}
