import type { Wanted } from "../kconfig/fit.js";
import { parseFragment } from "../kconfig/fragment.js";
import { mergeFragments } from "../kconfig/merge.js";
import type { Assets, Input, Step } from "../plan/step.js";
import type { KernelPaths, PackagedKernelSpec, PrebuiltKernelSpec, Spec } from "../recipe/spec.js";
import type { Json } from "../util/canonical.js";
import { KERNEL_OUTPUTS, kernelStepId } from "./kernel-outputs.js";
import { nfsNeeds } from "./nfs-needs.js";
import { BUILD } from "./tools.js";

/** What op `prebuilt-kernel` is told. */
export interface PrebuiltKernelArgs {
  /** For messages: `package linux-image-armmp`, `source vendor`. */
  readonly shown: string;
  /** How many inputs `part-N` there are to unpack; none: everything is in the input `rootfs`. */
  readonly parts: number;
  readonly paths: KernelPaths;
  readonly wanted: Wanted;
  /** Seconds. */
  readonly epoch: number;
}

/** A kernel that somebody else built, taken apart into what a compiled one's step leaves. */
export function prebuiltKernelStep(spec: Spec, kernel: PackagedKernelSpec | PrebuiltKernelSpec, assets: Assets): Step {
  const packaged = kernel.kind === "package";
  const sources = packaged ? [] : kernel.sources;
  const shown = packaged ? `package ${kernel.package}` : `source${sources.length > 1 ? "s" : ""} ${sources.join(", ")}`;
  const { name, soc } = spec.board;
  const args: PrebuiltKernelArgs = {
    shown,
    parts: sources.length,
    paths: packaged ? {} : kernel.paths,
    wanted: {
      kernel: `the kernel of ${shown}`,
      board: { name, core: soc.core, lpae: soc.lpae, family: soc.family },
      lvm2: spec.lvm
        ? parseFragment({ name: "lvm2", text: assets.text("steps/lvm2.config") }).asks.map(({ symbol, value }) => ({
            symbol,
            value,
          }))
        : [],
      nfs: mergeFragments(nfsNeeds(spec, assets)).asks.map(({ symbol }) => symbol),
      nfsRoot: spec.netboot !== undefined,
    },
    epoch: spec.epoch,
  };
  const parts = sources.map(
    (source, index): Input => ({ name: `part-${index}`, from: { step: `source:${source}`, output: "source" } }),
  );
  const programs = ["kernel-version.py", "kernel-config.py", ...(packaged ? [] : ["rpm-payload.py"])];
  return {
    id: kernelStepId(kernel.role),
    title: `take the kernel from ${shown}`,
    action: {
      kind: "op",
      op: "prebuilt-kernel",
      args: args as unknown as Json,
      tools: [BUILD],
      scripts: {
        "prebuilt-kernel": assets.script("prebuilt-kernel"),
        ...(packaged ? {} : { "prebuilt-unpack": assets.script("prebuilt-unpack") }),
      },
      code: assets.code("prebuilt-kernel"),
    },
    inputs: [
      ...(packaged ? [{ name: "rootfs", from: { step: "rootfs", output: "rootfs" } }] : parts),
      ...programs.map((program): Input => ({ name: program, from: { text: assets.text(`steps/${program}`) } })),
    ],
    outputs: KERNEL_OUTPUTS,
    weight: "io",
  };
}
