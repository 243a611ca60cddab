import type { Board } from "../board/board.js";
import { kernelMapsRoot } from "../disk/root-device.js";
import { xenArguments } from "../disk/xen-boot.js";
import type { Assets, Input, Step } from "../plan/step.js";
import type { GuestFile, GuestSpec } from "../recipe/guest.js";
import type { BootSpec, Spec } from "../recipe/spec.js";
import type { Json } from "../util/canonical.js";

/** What op `boot-files` is told. */
export interface BootFilesArgs {
  readonly epoch: number;
  /** Menu title and script name, e.g. the recipe's name. */
  readonly title: string;
  readonly method: BootSpec["method"];
  /** The kernel's whole command line. */
  readonly arguments: string;
  /** The booted system may change them: with `script` they are in a file of their own. */
  readonly changing?: true;
  /** Xen's own arguments; the kernel is dom0's then. */
  readonly xen?: {
    readonly arguments: string;
    /** Guests that Xen starts itself, each with its files' inputs. */
    readonly guests: readonly (Pick<GuestSpec, "name" | "memory" | "vcpus" | "arguments" | "dom0less"> & {
      readonly kernel: string;
      readonly ramdisk?: string;
    })[];
  };
  readonly board: Pick<Board, "name" | "dram" | "load" | "reserved"> & {
    readonly kernel: Pick<Board["kernel"], "image" | "dtb">;
  };
}

/** What U-Boot loads, as a tar for the boot partition, after a check of who gets which memory. */
export function bootFilesStep(spec: Spec, kernelLine: string, assets: Assets): Step {
  const { name, dram, load, reserved, kernel } = spec.board;
  const guests = spec.guests.filter(({ dom0less }) => dom0less).map(startedByXen);
  const args: BootFilesArgs = {
    epoch: spec.epoch,
    title: spec.name,
    method: spec.boot.method,
    arguments: kernelLine,
    ...(kernelMapsRoot(spec) ? { changing: true } : {}),
    ...(spec.xen ? { xen: { arguments: xenArguments(spec.xen), guests: guests.map(({ args: one }) => one) } } : {}),
    board: { name, dram, load, reserved, kernel: { image: kernel.image, dtb: kernel.dtb } },
  };
  return {
    id: "boot-files",
    title: "boot files and memory map",
    action: {
      kind: "op",
      op: "boot-files",
      args: args as unknown as Json,
      tools: [],
      scripts: {},
      code: assets.code("boot-files"),
    },
    inputs: [
      { name: "kernel", from: { step: "kernel", output: "kernel" } },
      { name: "dtbs", from: { step: "kernel", output: "dtbs" } },
      { name: "release", from: { step: "kernel", output: "release" } },
      ...(spec.xen ? [{ name: "xen", from: { step: "xen", output: "xen" } }] : []),
      ...guests.flatMap(({ inputs }) => inputs),
      ...(spec.boot.initramfs ? [{ name: "initramfs", from: { step: "initramfs", output: "initramfs" } }] : []),
    ],
    outputs: [
      { name: "boot", kind: "file" },
      { name: "boot-map", kind: "file" },
    ],
    weight: "io",
  };
}

/** A guest as the op is told of it, and the inputs that its files are. */
function startedByXen(guest: GuestSpec) {
  const { name, memory, vcpus, arguments: line, dom0less, kernel, ramdisk } = guest;
  const files = { kernel: `guest-${name}-kernel`, ...(ramdisk ? { ramdisk: `guest-${name}-ramdisk` } : {}) };
  const inputs: readonly Input[] = [
    { name: files.kernel, from: sourceOf(kernel) },
    ...(files.ramdisk && ramdisk ? [{ name: files.ramdisk, from: sourceOf(ramdisk) }] : []),
  ];
  return { args: { name, memory, vcpus, arguments: line, dom0less, ...files }, inputs };
}

function sourceOf(file: GuestFile): Input["from"] {
  switch (file.kind) {
    case "local":
      return { local: file.local };
    case "role":
      return { step: file.role === "dom0" ? "kernel" : "kernel:domU", output: "kernel" };
    case "dom0":
      throw new Error(`${file.path} is in dom0's root filesystem, which loading a recipe refuses for such a guest`);
  }
}
