import { readFile, writeFile } from "node:fs/promises";
import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { bootScript, extlinuxConf, PXE_FILE } from "../disk/boot-config.js";
import { bootMap, checkBootMap } from "../disk/boot-map.js";
import { parseZImage, type ZImage } from "../disk/zimage.js";
import type { BootFilesArgs } from "../steps/boot-files.js";
import { kernelTree } from "./kernel-tree.js";
import type { Op } from "./op.js";
import { type BootPayloadFiles, changeable, scriptFiles } from "./script-files.js";
import { writeSmallTar } from "./small-tar.js";
import { input, stopAt } from "./stop-at.js";
import { underXen } from "./xen-boot-files.js";

/**
 * Makes the tar of the boot partition or of the TFTP tree (kernel, device tree, initramfs, boot configuration) and the boot map, checked with the files'
 * real sizes. Fails with diagnostics when two would share memory, or when the device tree is not among the kernel's.
 */
export const bootFiles: Op = async (run) => {
  const args = run.args as unknown as BootFilesArgs;
  const { board } = args;
  const kernel = await readFile(input(run, "kernel"));
  const release = (await readFile(input(run, "release"), "utf8")).trim();
  const zImage = parseZImage(kernel);
  if (!zImage && board.kernel.image === "zImage") {
    stopAt(run, [notAKernel(board.kernel.image)], "the kernel would not boot");
  }
  const { dtb } = board.kernel;
  const tree = await kernelTree(run, dtb, noTree(dtb, board.name));
  const initramfs = run.inputs["initramfs"] === undefined ? undefined : await readFile(input(run, "initramfs"));
  const files: BootPayloadFiles = {
    kernel: { name: board.kernel.image, bytes: kernel },
    fdt: { name: board.kernel.dtb.split("/").at(-1) ?? board.kernel.dtb, bytes: tree },
    ...(initramfs ? { initramfs: { name: "initramfs", bytes: initramfs } } : {}),
  };
  const { xen } = args;
  const { configuration, map, more } = xen
    ? await underXen(run, { ...args, xen }, files)
    : { ...plainly(args, files, release, zImage), more: [] };
  await writeFile(run.out("boot-map"), `${JSON.stringify(map, undefined, 2)}\n`);
  stopAt(run, checkBootMap(map), "the board would not boot: its memory is taken twice");
  await writeSmallTar(run.out("boot"), [...Object.values(files), ...more, ...configuration], args.epoch);
  const loaded = [files.fdt, ...(files.initramfs ? [files.initramfs] : []), ...more, ...configuration];
  run.log(`kernel ${release}, ${loaded.map(({ name }) => name).join(", ")}`);
};

/** U-Boot starts the kernel. */
function plainly(args: BootFilesArgs, files: BootPayloadFiles, release: string, zImage: ZImage | undefined) {
  const { board } = args;
  const { kernel, fdt, initramfs } = files;
  const names = {
    kernel: kernel.name,
    fdt: fdt.name,
    arguments: args.arguments,
    ...(args.served ? { served: true as const } : {}),
    ...(initramfs ? { initramfs: initramfs.name } : {}),
  };
  const configuration =
    args.method === "extlinux"
      ? [
          {
            name: args.served ? PXE_FILE : "extlinux/extlinux.conf",
            bytes: Buffer.from(extlinuxConf({ ...names, title: `${args.title} (${release})` })),
          },
        ]
      : scriptFiles(bootScript({ ...changeable(args, names), load: board.load }), args);
  const map = bootMap(board, {
    kernel: { file: kernel.name, size: kernel.bytes.length, ...(zImage ? { zImage } : {}) },
    fdt: { file: fdt.name, size: fdt.bytes.length },
    ...(initramfs ? { ramdisk: { file: initramfs.name, size: initramfs.bytes.length } } : {}),
    script: { file: configuration[0]?.name ?? "", size: configuration[0]?.bytes.length ?? 0 },
  });
  return { configuration, map };
}

function noTree(path: string, board: string): { readonly code: string; readonly message: string } {
  return {
    code: "boot-no-device-tree",
    message: `the kernel comes without ${path}, which board "${board}" needs`,
  };
}

function notAKernel(image: string): Diagnostic {
  return {
    severity: "error",
    code: "boot-not-a-kernel",
    message: `the kernel file is no ARM ${image}: its magic number is missing`,
    help: "build the kernel's zImage target for ARCH=arm",
  };
}
