import type { Board } from "../board/board.js";
import { kernelArguments } from "../disk/boot-config.js";
import { diskId, partitionId, rootArgument, uuidFor, volumeId } from "../disk/identity.js";
import type { Assets, Step } from "../plan/step.js";
import type { ImageSpec, Spec } from "../recipe/spec.js";
import type { Json } from "../util/canonical.js";
import { bootFilesStep } from "./boot-files.js";
import { compressStep } from "./compress.js";
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
}

export interface PartitionIds {
  /** ext4's UUID. */
  readonly uuid: string;
  /** Seed of ext4's directory hashes, a UUID. */
  readonly hashSeed: string;
  /** FAT's volume id, 8 hex digits. */
  readonly volumeId: string;
  /** What the kernel calls it in PARTUUID=. */
  readonly partitionId: string;
}

/** From kernel, U-Boot and rootfs to a card image: boot files, the image with its bmap, compressed forms. */
export function imageSteps(spec: Spec, assets: Assets): Step[] {
  const { compress, ...image } = spec.image;
  const args: ImageArgs = {
    epoch: spec.epoch,
    image,
    spl: spec.board.spl,
    diskId: diskId(spec),
    diskUuid: uuidFor(spec, "disk"),
    ids: image.partitions.map(({ name }, index) => ({
      uuid: uuidFor(spec, `filesystem ${name}`),
      hashSeed: uuidFor(spec, `hash seed ${name}`),
      volumeId: volumeId(spec, name),
      partitionId: partitionId(spec, image.table, index + 1, name),
    })),
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
      { name: "rootfs", from: { step: "provision", output: "rootfs" } },
      { name: "boot", from: { step: "boot-files", output: "boot" } },
      { name: "u-boot", from: { step: "u-boot", output: "u-boot" } },
    ],
    outputs: [
      { name: "image", kind: "sparse" },
      { name: "bmap", kind: "file" },
      { name: "layout", kind: "file" },
    ],
  };
  const kernelLine = kernelArguments(spec.board.console, rootArgument(spec), spec.boot.arguments);
  return [
    bootFilesStep(spec, kernelLine, assets),
    assembled,
    ...compress.map((format) => compressStep(format, spec.epoch, assets)),
  ];
}
