import type { Board } from "../board/board.js";
import { diskId, lvmIdFor, partitionId, uuidFor, volumeId } from "../disk/identity.js";
import type { Assets, Input, Step } from "../plan/step.js";
import type { ImageSpec, PartitionSpec, Spec } from "../recipe/spec.js";
import type { Json } from "../util/canonical.js";
import { bootFilesStep } from "./boot-files.js";
import { compressStep } from "./compress.js";
import { kernelLine } from "./kernel-line.js";
import { netbootSteps } from "./netboot.js";
import { IMAGE } from "./tools.js";

/** What op `image` is told: the layout as the recipe has it, and every id, so that the same recipe gives the same bytes. */
export interface ImageArgs {
  /** Seconds; every time in the image. */
  readonly epoch: number;
  readonly image: Omit<ImageSpec, "compress">;
  readonly spl: Board["spl"];
  /** MBR signature, 8 hex digits. */
  readonly diskId: string;
  /** GPT's disk GUID. */
  readonly diskUuid: string;
  /** By partition, in the recipe's order. */
  readonly ids: readonly PartitionIds[];
  /** By volume group. */
  readonly groups: { readonly [group: string]: GroupIds };
  /** Where on the provisioning filesystem input `provision` belongs. */
  readonly provision?: { readonly name: string; readonly mode: number };
}

/** LVM2's ids, 32 letters and digits each. */
export interface GroupIds {
  readonly id: string;
  readonly physical: string;
  readonly volumes: { readonly [volume: string]: FilesystemIds & { readonly id: string } };
}

export interface FilesystemIds {
  /** The UUID of an ext4 or of swap space. */
  readonly uuid: string;
  /** Seed of ext4's directory hashes, a UUID. */
  readonly hashSeed: string;
}

export interface PartitionIds extends FilesystemIds {
  /** FAT's volume id, 8 hex digits. */
  readonly volumeId: string;
  /** What the kernel calls it in PARTUUID=. */
  readonly partitionId: string;
}

/** From kernel, U-Boot and rootfs to a card image: boot files, the image with its bmap, compressed forms, what a server needs. */
export function imageSteps(spec: Spec, assets: Assets): Step[] {
  const { compress, ...image } = spec.image;
  const args: ImageArgs = {
    epoch: spec.epoch,
    image: { ...image, partitions: image.partitions.map(withoutPaths) },
    spl: spec.board.spl,
    diskId: diskId(spec),
    diskUuid: uuidFor(spec, "disk"),
    ids: image.partitions.map(({ name }, index) => ({
      ...filesystemIds(spec, name),
      volumeId: volumeId(spec, name),
      partitionId: partitionId(spec, image.table, index + 1, name),
    })),
    groups: groupIds(spec),
    ...("from" in spec.provision.firstboot ? { provision: PROVISION[spec.provision.firstboot.kind] } : {}),
  };
  const assembled: Step = {
    id: "image",
    title: "assemble the card image",
    action: {
      kind: "op",
      op: "image",
      args: args as unknown as Json,
      tools: [IMAGE],
      scripts: { image: assets.script("image") },
      code: assets.code("image"),
    },
    inputs: [
      // Over the network, the card holds neither.
      ...(spec.netboot
        ? []
        : [
            { name: "rootfs", from: { step: "provision", output: "rootfs" } },
            { name: "boot", from: { step: "boot-files", output: "boot" } },
          ]),
      { name: "u-boot", from: { step: "u-boot", output: "u-boot" } },
      ...payloads(image),
      ...("from" in spec.provision.firstboot
        ? [{ name: "provision", from: { local: spec.provision.firstboot.from } }]
        : []),
    ],
    outputs: [
      { name: "image", kind: "sparse" },
      { name: "bmap", kind: "file" },
      { name: "layout", kind: "file" },
    ],
  };
  const line = kernelLine(spec);
  return [
    bootFilesStep(spec, line, assets),
    assembled,
    ...compress.map((format) => compressStep(format, spec.epoch, assets)),
    ...netbootSteps(spec, line, assets),
  ];
}

/** Where they look for it on a filesystem with their label (openSUSE's ignition-setup-user, and combustion). */
const PROVISION = {
  ignition: { name: "ignition/config.ign", mode: 0o644 },
  combustion: { name: "combustion/script", mode: 0o755 },
} as const;

function filesystemIds(spec: Spec, name: string): FilesystemIds {
  return { uuid: uuidFor(spec, `filesystem ${name}`), hashSeed: uuidFor(spec, `hash seed ${name}`) };
}

function groupIds(spec: Spec): ImageArgs["groups"] {
  const groups = spec.image.partitions.flatMap((partition) => (partition.content === "lvm" ? [partition] : []));
  return Object.fromEntries(
    groups.map(({ group, volumes }) => [
      group,
      {
        id: lvmIdFor(spec, `group ${group}`),
        physical: lvmIdFor(spec, `physical ${group}`),
        volumes: Object.fromEntries(
          volumes.map(({ name }) => [
            name,
            { id: lvmIdFor(spec, `volume ${group}/${name}`), ...filesystemIds(spec, `${group}/${name}`) },
          ]),
        ),
      },
    ]),
  );
}

/** Files that logical volumes hold, as inputs `payload-GROUP-VOLUME`. */
function payloads(image: Pick<ImageSpec, "partitions">): readonly Input[] {
  return image.partitions.flatMap((partition) =>
    partition.content !== "lvm"
      ? []
      : partition.volumes.flatMap(({ name, from }): Input[] =>
          from ? [{ name: payloadInput(partition.group, name), from: { local: from } }] : [],
        ),
  );
}

/** The input that is a volume's payload. */
export function payloadInput(group: string, volume: string): string {
  return `payload-${group}-${volume}`;
}

/** A payload comes as an input; where it is on this machine is no fact of the image. */
function withoutPaths(partition: PartitionSpec): PartitionSpec {
  if (partition.content !== "lvm") return partition;
  return { ...partition, volumes: partition.volumes.map(({ from: _, ...volume }) => volume) };
}
