import { createReadStream } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { extract } from "tar-stream";
import type { Diagnostic } from "../diagnostic/diagnostic.js";
import {
  ARGUMENTS_FILE,
  argumentsFile,
  bootScript,
  extlinuxConf,
  PXE_FILE,
  SERVED_SCRIPT,
} from "../disk/boot-config.js";
import { bootMap, checkBootMap } from "../disk/boot-map.js";
import { scriptImage } from "../disk/uimage.js";
import { parseZImage } from "../disk/zimage.js";
import type { BootFilesArgs } from "../steps/boot-files.js";
import type { Op, OpRun } from "./op.js";
import { type SmallFile, writeSmallTar } from "./small-tar.js";
import { input, stopAt } from "./stop-at.js";

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
  const tree = await findTree(run, board.kernel.dtb, board.name);
  const fdt = board.kernel.dtb.split("/").at(-1) ?? board.kernel.dtb;
  const initramfs = run.inputs["initramfs"] === undefined ? undefined : await readFile(input(run, "initramfs"));
  const ramdisk = initramfs && { name: "initramfs", bytes: initramfs };
  const names = {
    kernel: board.kernel.image,
    fdt,
    arguments: args.arguments,
    ...(args.served ? { served: true as const } : {}),
    ...(ramdisk ? { initramfs: ramdisk.name } : {}),
  };
  const configuration =
    args.method === "extlinux"
      ? [
          {
            name: args.served ? PXE_FILE : "extlinux/extlinux.conf",
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
  await writeSmallTar(
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
function scriptFiles(names: Omit<Parameters<typeof bootScript>[0], "load">, args: BootFilesArgs): SmallFile[] {
  const { load } = args.board;
  const { arguments: line, ...files } = names;
  const text = bootScript({ ...(args.changing ? files : names), load });
  return [
    { name: args.served ? SERVED_SCRIPT : "boot.scr", bytes: scriptImage(text, args.title, args.epoch) },
    { name: "boot.cmd", bytes: Buffer.from(text) },
    ...(args.changing ? [{ name: ARGUMENTS_FILE, bytes: Buffer.from(argumentsFile(line ?? "")) }] : []),
  ];
}

/**
 * The board's device tree from the kernel's tar of them: below its vendor's folder, or without one, as arm's lay
 * before Linux 6.5.
 */
async function findTree(run: OpRun, path: string, board: string): Promise<Buffer> {
  const archive = extract();
  const read = pipeline(createReadStream(input(run, "dtbs")), archive);
  // Awaited below; until then a broken tar must not count as an unhandled rejection.
  read.catch(() => {});
  const flat = path.split("/").at(-1);
  const names: string[] = [];
  let found: Buffer | undefined;
  for await (const entry of archive) {
    const name = entry.header.name.replace(/^\.\//, "");
    if (name === path || (name === flat && !found)) found = await whole(entry as AsyncIterable<Buffer>);
    else entry.resume();
    if (name.endsWith(".dtb")) names.push(name);
  }
  await read;
  if (!found) stopAt(run, [noTree(path, board, names)], "the kernel has no device tree for the board");
  return found ?? Buffer.alloc(0);
}

async function whole(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

function noTree(path: string, board: string, names: readonly string[]): Diagnostic {
  const family = path.split("/").at(-1)?.split("-")[0] ?? "";
  const near = names.filter((name) => name.includes(`${family}-`)).slice(0, 8);
  const built = near.length > 0 ? `it has ${near.join(", ")}` : `it has ${names.length} others`;
  return {
    severity: "error",
    code: "boot-no-device-tree",
    message: `the kernel comes without ${path}, which board "${board}" needs`,
    help: `${built}; is the board's machine (CONFIG_MACH_…) switched on, and is the kernel new enough to know the board?`,
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
