import type { Model } from "../board/model.js";
import type { Assets, Step } from "../plan/step.js";
import type { Json } from "../util/canonical.js";
import { hex } from "../util/size.js";
import type { RunFiles } from "../xen/fast-model/run-lines.js";
import { BUILD } from "./tools.js";

/** What op `fast-model` is told. */
export interface FastModelArgs {
  readonly model: Model;
  /** Xen's whole command line, and that of dom0's kernel. */
  readonly arguments: { readonly xen: string; readonly dom0: string };
  readonly files: RunFiles;
}

/** What a fast-model image is made for, and from what. */
export interface FastModelImageWish {
  readonly model: Model;
  readonly arguments: FastModelArgs["arguments"];
  readonly files: RunFiles;
  readonly initramfs: boolean;
}

/** The shim assembled for the model, and the images of it with Xen and dom0. */
export function fastModelSteps(wish: FastModelImageWish, assets: Assets): readonly Step[] {
  const { model } = wish;
  const text = (name: string) => ({ name, from: { text: assets.text(`xen/fast-model/${name}`) } });
  const args: FastModelArgs = { model, arguments: wish.arguments, files: wish.files };
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
        ...(wish.initramfs ? [{ name: "initramfs", from: { step: "initramfs", output: "initramfs" } }] : []),
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
