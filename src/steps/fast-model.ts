import type { Model } from "../board/model.js";
import { xenArguments } from "../disk/xen-boot.js";
import type { Assets, Step } from "../plan/step.js";
import type { Spec } from "../recipe/spec.js";
import type { Json } from "../util/canonical.js";
import { hex } from "../util/size.js";
import type { RunFiles } from "../xen/fast-model/run-lines.js";
import { kernelLine } from "./kernel-line.js";
import { BUILD } from "./tools.js";

/** What op `fast-model` is told. */
export interface FastModelArgs {
  readonly model: Model;
  /** Xen's whole command line, and that of dom0's kernel. */
  readonly arguments: { readonly xen: string; readonly dom0: string };
  readonly files: RunFiles;
}

/** The shim assembled for the recipe's fast model, and the images of it with Xen and dom0; nothing for a recipe without. */
export function fastModelSteps(spec: Spec, assets: Assets): readonly Step[] {
  const { fastModel: model, xen, name } = spec;
  if (!model || !xen) return [];
  const text = (name: string) => ({ name, from: { text: assets.text(`xen/fast-model/${name}`) } });
  const dom0 = kernelLine(spec);
  const args: FastModelArgs = {
    model,
    arguments: { xen: xenArguments(xen), dom0 },
    files: {
      image: `${name}.axf`,
      semihosting: `${name}.semihosting.axf`,
      kernel: `${name}.kernel`,
      ...(spec.boot.initramfs ? { initramfs: `${name}.initramfs` } : {}),
      deviceTree: `${name}.dtb`,
      disk: `${name}.img`,
      arguments: dom0,
    },
  };
  return [
    {
      id: "shim",
      title: "assemble the fast model's boot shim",
      action: {
        kind: "container",
        tool: BUILD,
        script: assets.script("shim"),
        env: { BASE: hex(model.dram.base) },
        network: "none",
        caps: [],
        caches: [],
      },
      inputs: [text("shim.S"), text("semihosting.c"), text("shim.ld")],
      outputs: [
        { name: "shim", kind: "file" },
        { name: "semihosting", kind: "file" },
      ],
      weight: "io",
    },
    {
      id: "fast-model",
      title: `make the image for ${model.title}`,
      action: {
        kind: "op",
        op: "fast-model",
        args: args as unknown as Json,
        tools: [],
        scripts: {},
        code: assets.code("fast-model"),
      },
      inputs: [
        { name: "shim", from: { step: "shim", output: "shim" } },
        { name: "semihosting", from: { step: "shim", output: "semihosting" } },
        { name: "xen", from: { step: "xen", output: "xen" } },
        { name: "kernel", from: { step: "kernel", output: "kernel" } },
        { name: "dtbs", from: { step: "kernel", output: "dtbs" } },
        ...(spec.boot.initramfs ? [{ name: "initramfs", from: { step: "initramfs", output: "initramfs" } }] : []),
      ],
      outputs: [
        { name: "image", kind: "file" },
        { name: "semihosting", kind: "file" },
        { name: "device-tree", kind: "file" },
        { name: "run", kind: "file" },
      ],
      weight: "io",
    },
  ];
}
