import { createWriteStream } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { pack } from "tar-stream";
import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { ARGUMENTS_FILE, argumentsFile, bootScript, extlinuxConf } from "../disk/boot-config.js";
import { bootMap, checkBootMap } from "../disk/boot-map.js";
import { scriptImage } from "../disk/uimage.js";
import { parseZImage } from "../disk/zimage.js";
import type { BootFilesArgs } from "../steps/boot-files.js";
import { kernelTree } from "./kernel-tree.js";
import type { Op } from "./op.js";
import { input, stopAt } from "./stop-at.js";

interface BootFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Makes the boot partition's tar (kernel, device tree, initramfs, boot configuration) and the boot map, checked with the files'
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
  const fdt = board.kernel.dtb.split("/").at(-1) ?? board.kernel.dtb;
  const initramfs = run.inputs["initramfs"] === undefined ? undefined : await readFile(input(run, "initramfs"));
  const ramdisk = initramfs && { name: "initramfs", bytes: initramfs };
  const names = {
    kernel: board.kernel.image,
    fdt,
    arguments: args.arguments,
    ...(ramdisk ? { initramfs: ramdisk.name } : {}),
  };
  const configuration =
    args.method === "extlinux"
      ? [
          {
            name: "extlinux/extlinux.conf",
            bytes: Buffer.from(extlinuxConf({ ...names, title: `${args.title} (${release})` })),
          },
        ]
      : scriptFiles(names, args);

  const map = bootMap(board, {
    kernel: { file: board.kernel.image, size: kernel.length, ...(zImage ? { zImage } : {}) },
    fdt: { file: fdt, size: tree.length },
    ...(ramdisk ? { ramdisk: { file: ramdisk.name, size: ramdisk.bytes.length } } : {}),
    script: { file: configuration[0]?.name ?? "", size: configuration[0]?.bytes.length ?? 0 },
  });
  await writeFile(run.out("boot-map"), `${JSON.stringify(map, undefined, 2)}\n`);
  stopAt(run, checkBootMap(map), "the board would not boot: its memory is taken twice");
  await writeTar(
    run.out("boot"),
    [
      { name: board.kernel.image, bytes: kernel },
      { name: fdt, bytes: tree },
      ...(ramdisk ? [ramdisk] : []),
      ...configuration,
    ],
    args.epoch,
  );
  run.log(
    `kernel ${release}, ${fdt}, ${ramdisk ? `${ramdisk.name}, ` : ""}${configuration.map(({ name }) => name).join(", ")}`,
  );
};

/** The script U-Boot runs, its source for people, and the arguments where they may change. */
function scriptFiles(names: Omit<Parameters<typeof bootScript>[0], "load">, args: BootFilesArgs): BootFile[] {
  const { load } = args.board;
  const { arguments: line, ...files } = names;
  const text = bootScript({ ...(args.changing ? files : names), load });
  return [
    { name: "boot.scr", bytes: scriptImage(text, args.title, args.epoch) },
    { name: "boot.cmd", bytes: Buffer.from(text) },
    ...(args.changing ? [{ name: ARGUMENTS_FILE, bytes: Buffer.from(argumentsFile(line ?? "")) }] : []),
  ];
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

/** Folders before what is in them, all of one time and root's. */
async function writeTar(path: string, files: readonly BootFile[], epoch: number): Promise<void> {
  const archive = pack();
  const written = pipeline(archive, createWriteStream(path));
  const own = { uid: 0, gid: 0, mtime: new Date(epoch * 1000) };
  const folders = new Set(
    files.flatMap(({ name }) => (name.includes("/") ? [name.slice(0, name.lastIndexOf("/"))] : [])),
  );
  for (const folder of folders) archive.entry({ ...own, name: `${folder}/`, type: "directory", mode: 0o755 });
  for (const { name, bytes } of files) archive.entry({ ...own, name, mode: 0o644 }, Buffer.from(bytes));
  archive.finalize();
  await written;
}
