import { rootPlace } from "../disk/root-device.js";
import type { RootPlace } from "../initramfs/contents.js";
import type { Assets, Step } from "../plan/step.js";
import type { GuestRole } from "../recipe/guest.js";
import type { LocalFile, Spec } from "../recipe/spec.js";
import { BUSYBOX } from "../recipe/used-sources.js";
import type { Json } from "../util/canonical.js";
import { busyboxStep } from "./busybox.js";
import { kernelStepId } from "./kernel-outputs.js";
import { IMAGE } from "./tools.js";

/** What op `initramfs` is told. */
export interface InitramfsArgs {
  readonly root: RootPlace;
  /** The root filesystem's type. */
  readonly filesystem: string;
  /** What the board's card needs before its partitions can be read, where the kernel has it under that name. */
  readonly cardModules: readonly string[];
  /** What there is no root filesystem without. */
  readonly needs: readonly string[];
  /** For messages: `the root filesystem`. */
  readonly whose: string;
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

/** A guest's disks and interfaces, which Xen's dom0 gives (Linux, drivers/block/xen-blkfront.c, drivers/net/xen-netfront.c). */
const GUEST_MODULES = ["xen-blkfront", "xen-netfront"] as const;

/** The initramfs that boardsmith makes for guests with one of the recipe's kernels. */
export function guestInitramfsId(role: GuestRole): string {
  return `guest-initramfs:${role}`;
}

/** The recipe's initramfs, those of its guests, and the busybox in them; nothing for a recipe that has none. */
export function initramfsSteps(spec: Spec, assets: Assets): readonly Step[] {
  const { initramfs } = spec.boot;
  const own = initramfs && "local" in initramfs ? [ownStep(initramfs.local, assets)] : [];
  const roles = new Set(spec.guests.flatMap(({ ramdisk }) => (ramdisk?.kind === "minimal" ? [ramdisk.role] : [])));
  const packed = [
    ...(initramfs && "busybox" in initramfs ? [ofCard(spec, assets)] : []),
    ...[...roles].sort().map((role) => ofGuests(spec, role, assets)),
  ];
  if (packed.length === 0 || spec.rootfs.kind === "busybox") return [...own, ...packed];
  const source = initramfs && "busybox" in initramfs ? initramfs.busybox : BUSYBOX;
  return [...own, busyboxStep("busybox", "compile busybox for the initramfs", spec, source, assets), ...packed];
}

function ofCard(spec: Spec, assets: Assets): Step {
  const place = rootPlace(spec.image);
  const root: RootPlace =
    place.volume === undefined ? { kind: "partition" } : { kind: "lvm", group: place.group, volume: place.volume };
  const filesystem = place.partition.content === "lvm" ? "ext4" : place.partition.filesystem;
  return packing(spec, assets, {
    id: "initramfs",
    title: "pack the initramfs",
    kernel: kernelStepId(spec.kernel.role),
    root,
    filesystem,
    // The card is a fast model's disk as well.
    cardModules: [...spec.board.cardModules, ...(spec.fastModel?.diskModules ?? [])],
    needs: [filesystem, ...(root.kind === "lvm" ? ["dm-mod"] : [])],
    whose: "the root filesystem",
  });
}

function ofGuests(spec: Spec, role: GuestRole, assets: Assets): Step {
  return packing(spec, assets, {
    id: guestInitramfsId(role),
    title: `pack the initramfs of guests with ${role === "dom0" ? "dom0's kernel" : "a kernel of their own"}`,
    kernel: role === "dom0" ? kernelStepId(spec.kernel.role) : kernelStepId(role),
    root: { kind: "partition" },
    filesystem: "ext4",
    cardModules: [],
    needs: [...GUEST_MODULES, "ext4"],
    whose: "a guest's root filesystem",
  });
}

function packing(
  spec: Spec,
  assets: Assets,
  said: Omit<InitramfsArgs, "init" | "epoch"> & {
    readonly id: string;
    readonly title: string;
    readonly kernel: string;
  },
): Step {
  const { id, title, kernel, ...rest } = said;
  const args: InitramfsArgs = { ...rest, init: assets.text("initramfs/init.sh"), epoch: spec.epoch };
  return {
    id,
    title,
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
      {
        name: "busybox",
        from: { step: spec.rootfs.kind === "busybox" ? "rootfs" : "busybox", output: "rootfs" },
      },
      ...(["modules", "release", "config"] as const).map((output) => ({
        name: output,
        from: { step: kernel, output },
      })),
      // lvm and its libraries are the root filesystem's own.
      ...(rest.root.kind === "lvm" ? [{ name: "rootfs", from: { step: "rootfs", output: "rootfs" } }] : []),
    ],
    outputs: [{ name: "initramfs", kind: "file" }],
    weight: "io",
  };
}
