import { rootPlace } from "../disk/root-device.js";
import type { RootPlace } from "../initramfs/contents.js";
import type { Assets, Step } from "../plan/step.js";
import type { LocalFile, Spec } from "../recipe/spec.js";
import type { Json } from "../util/canonical.js";
import { busyboxStep } from "./busybox.js";
import { IMAGE } from "./tools.js";

/** What op `initramfs` is told. */
export interface InitramfsArgs {
  readonly root: RootPlace;
  /** The root filesystem's type. */
  readonly filesystem: string;
  /** What the board's card needs before its partitions can be read. */
  readonly cardModules: readonly string[];
  /** The text of /init. */
  readonly init: string;
  /** Seconds. */
  readonly epoch: number;
}

/** A file of the user's, held against the kernel that is to unpack it. */
function ownStep(local: LocalFile, assets: Assets): Step {
  return {
    id: "initramfs",
    title: "take the recipe's own initramfs",
    action: { kind: "op", op: "own-initramfs", args: {}, tools: [], scripts: {}, code: assets.code("own-initramfs") },
    inputs: [
      { name: "initramfs", from: { local } },
      { name: "release", from: { step: "kernel", output: "release" } },
      { name: "config", from: { step: "kernel", output: "config" } },
    ],
    outputs: [{ name: "initramfs", kind: "file" }],
    weight: "io",
  };
}

/** The recipe's initramfs and the busybox in it; nothing for a recipe that has none. */
export function initramfsSteps(spec: Spec, assets: Assets): readonly Step[] {
  const { initramfs } = spec.boot;
  if (!initramfs) return [];
  if ("local" in initramfs) return [ownStep(initramfs.local, assets)];
  const place = rootPlace(spec.image);
  const root: RootPlace =
    place.volume === undefined ? { kind: "partition" } : { kind: "lvm", group: place.group, volume: place.volume };
  const own = spec.rootfs.kind === "busybox";
  const args: InitramfsArgs = {
    root,
    filesystem: place.partition.content === "lvm" ? "ext4" : place.partition.filesystem,
    cardModules: spec.board.cardModules,
    init: assets.text("initramfs/init.sh"),
    epoch: spec.epoch,
  };
  const step: Step = {
    id: "initramfs",
    title: "pack the initramfs",
    action: {
      kind: "op",
      op: "initramfs",
      args: args as unknown as Json,
      tools: [IMAGE],
      scripts: {
        "initramfs-modules": assets.script("initramfs-modules"),
        "initramfs-pack": assets.script("initramfs-pack"),
      },
      code: assets.code("initramfs"),
    },
    inputs: [
      { name: "busybox", from: { step: own ? "rootfs" : "busybox", output: "rootfs" } },
      { name: "modules", from: { step: "kernel", output: "modules" } },
      { name: "release", from: { step: "kernel", output: "release" } },
      { name: "config", from: { step: "kernel", output: "config" } },
      // lvm and its libraries are the root filesystem's own.
      ...(root.kind === "lvm" ? [{ name: "rootfs", from: { step: "rootfs", output: "rootfs" } }] : []),
    ],
    outputs: [{ name: "initramfs", kind: "file" }],
    weight: "io",
  };
  const title = "compile busybox for the initramfs";
  return own ? [step] : [busyboxStep("busybox", title, spec, initramfs.busybox, assets), step];
}
