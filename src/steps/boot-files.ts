import type { Board } from "../board/board.js";
import { kernelMapsRoot } from "../disk/root-device.js";
import type { Assets, Step } from "../plan/step.js";
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
  /** U-Boot gets them from a server: the tar is a TFTP tree. */
  readonly served?: true;
  readonly board: Pick<Board, "name" | "dram" | "load" | "reserved"> & {
    readonly kernel: Pick<Board["kernel"], "image" | "dtb">;
  };
}

/** What U-Boot loads, as a tar for the boot partition, after a check of who gets which memory. */
export function bootFilesStep(spec: Spec, kernelLine: string, assets: Assets): Step {
  const { name, dram, load, reserved, kernel } = spec.board;
  const args: BootFilesArgs = {
    epoch: spec.epoch,
    title: spec.name,
    method: spec.boot.method,
    arguments: kernelLine,
    ...(kernelMapsRoot(spec) ? { changing: true } : {}),
    ...(spec.netboot ? { served: true } : {}),
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
      ...(spec.boot.initramfs ? [{ name: "initramfs", from: { step: "initramfs", output: "initramfs" } }] : []),
    ],
    outputs: [
      { name: "boot", kind: "file" },
      { name: "boot-map", kind: "file" },
    ],
    weight: "io",
  };
}
