import { readFile } from "node:fs/promises";
import type { BootMap } from "../disk/boot-map.js";
import { type XenModule, xenBootScript } from "../disk/xen-boot.js";
import { placeModules, xenBootMap } from "../disk/xen-boot-map.js";
import { parseXenImage } from "../disk/xen-image.js";
import type { BootFilesArgs } from "../steps/boot-files.js";
import { dom0lessNode } from "../xen/guests/dom0less.js";
import type { OpRun } from "./op.js";
import { type BootFile, type BootPayloadFiles, changeable, scriptFiles } from "./script-files.js";
import { input, stopAt } from "./stop-at.js";

type Started = NonNullable<BootFilesArgs["xen"]>["guests"][number];

const XEN = "xen";

/** U-Boot starts Xen, and Xen the kernel: a script with real addresses and sizes, and the memory map that goes with it. */
export async function underXen(
  run: OpRun,
  args: BootFilesArgs & { readonly xen: NonNullable<BootFilesArgs["xen"]> },
  files: BootPayloadFiles,
): Promise<{ readonly configuration: readonly BootFile[]; readonly map: BootMap; readonly more: readonly BootFile[] }> {
  const { board } = args;
  const bytes = await readFile(input(run, XEN));
  const image = parseXenImage(bytes);
  if (!image) {
    const message = "the file that was built or taken as Xen is none for 32-bit ARM";
    const help = "Xen is built with XEN_TARGET_ARCH=arm32";
    stopAt(run, [{ severity: "error", code: "boot-not-xen", message, help }], "Xen would not start");
  }
  const { kernel, fdt, initramfs } = files;
  const started = await Promise.all(args.xen.guests.map((guest) => guestFiles(run, guest)));
  // Dom0's first: they are there in every build, and keep their addresses whatever guests come and go.
  const placed = placeModules(board, [
    { ...sized(kernel), kind: "kernel" as const, name: "dom0's kernel" },
    ...(initramfs ? [{ ...sized(initramfs), kind: "ramdisk" as const, name: "dom0's ramdisk" }] : []),
    ...started.flatMap(({ modules }) => modules),
  ]);
  const at = (file: string): XenModule => {
    const module = placed.find((one) => one.file === file);
    if (!module) throw new Error(`no module ${file}`);
    return { file, kind: module.kind, address: module.address, size: module.size };
  };
  const script = xenBootScript({
    ...changeable(args, { arguments: args.arguments }),
    xen: XEN,
    fdt: fdt.name,
    load: board.load,
    xenArguments: args.xen.arguments,
    modules: [kernel, ...(initramfs ? [initramfs] : [])].map(({ name }) => at(name)),
    guests: started.map(({ guest, files: own }) => {
      const [first, second] = own.map(({ name }) => at(name));
      if (!first) throw new Error(`guest ${guest.name} has no kernel`);
      return {
        modules: second ? [first, second] : [first],
        node: dom0lessNode(guest, { kernel: first, ...(second ? { ramdisk: second } : {}) }),
      };
    }),
  });
  const configuration = scriptFiles(script, args);
  const map = xenBootMap(board, {
    xen: { file: XEN, size: bytes.length, memory: image?.memory ?? bytes.length },
    fdt: sized(fdt),
    script: { file: "boot.scr", size: configuration[0]?.bytes.length ?? 0 },
    modules: placed,
  });
  return { configuration, map, more: [{ name: XEN, bytes }, ...started.flatMap((one) => one.files)] };
}

/** A guest's kernel and ramdisk under names of their own on the boot partition. */
async function guestFiles(run: OpRun, guest: Started) {
  const kernel = { name: guest.kernel, bytes: await readFile(input(run, guest.kernel)) };
  const ramdisk =
    guest.ramdisk === undefined ? undefined : { name: guest.ramdisk, bytes: await readFile(input(run, guest.ramdisk)) };
  const modules = [
    { ...sized(kernel), kind: "kernel" as const, name: `${guest.name}'s kernel` },
    ...(ramdisk ? [{ ...sized(ramdisk), kind: "ramdisk" as const, name: `${guest.name}'s ramdisk` }] : []),
  ];
  return { guest, files: ramdisk ? [kernel, ramdisk] : [kernel], modules };
}

function sized({ name, bytes }: BootFile): { readonly file: string; readonly size: number } {
  return { file: name, size: bytes.length };
}
