import { readFile, writeFile } from "node:fs/promises";
import { readTree } from "../disk/device-tree-blob.js";
import type { FastModelArgs } from "../steps/fast-model.js";
import { missingNodes } from "../xen/fast-model/device-tree.js";
import { fastModelImage, type Parts } from "../xen/fast-model/image.js";
import { runLines } from "../xen/fast-model/run-lines.js";
import { kernelTree } from "./kernel-tree.js";
import type { Op } from "./op.js";
import { input, stopAt } from "./stop-at.js";

/**
 * Makes both fast-model images from shim, Xen, dom0's kernel and initramfs, with the device tree that is in them and a
 * text that says how they are started. Fails when the parts do not fit the model's DRAM.
 */
export const fastModel: Op = async (run) => {
  const args = run.args as unknown as FastModelArgs;
  const { model } = args;
  const deviceTree = await kernelTree(run, model.deviceTree.from, {
    code: "model-no-device-tree",
    message: `the kernel comes without ${model.deviceTree.from}, which fast model "${model.name}" needs`,
  });
  const part = (name: string) => readFile(input(run, name));
  const [xen, kernel] = [await part("xen"), await part("kernel")];
  const ramdisk = run.inputs["initramfs"] === undefined ? {} : { ramdisk: await part("initramfs") };
  const common = { xen, deviceTree, arguments: args.arguments };
  const whole = made({ ...common, ...ramdisk, kernel, shim: await part("shim"), semihosting: false });
  const bare = made({ ...common, shim: await part("semihosting"), semihosting: true });
  await writeFile(run.out("image"), whole.elf);
  await writeFile(run.out("semihosting"), bare.elf);
  await writeFile(run.out("device-tree"), bare.deviceTree);
  await writeFile(run.out("run"), runLines(model, args.files));
  const linux = readTree(deviceTree);
  const gone = linux ? missingNodes(linux, model.deviceTree.without) : [];
  if (gone.length > 0) run.log(`note: the kernel's device tree has no ${gone.join(", ")}, which is left out anyway`);
  const end = Math.max(whole.places.ramdisk, whole.places.kernel);
  run.log(`${model.title}: ${whole.elf.length} bytes, the last part at 0x${end.toString(16)}`);

  function made(parts: Parts) {
    const { image, diagnostics } = fastModelImage(model, parts);
    stopAt(run, diagnostics, "the model would not start the image");
    if (image === undefined) throw new Error("an image without mistakes was not made");
    return image;
  }
};
