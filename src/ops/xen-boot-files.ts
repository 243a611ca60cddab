import { readFile } from "node:fs/promises";
import type { BootMap } from "../disk/boot-map.js";
import { type XenModule, xenBootScript } from "../disk/xen-boot.js";
import { placeModules, xenBootMap } from "../disk/xen-boot-map.js";
import { parseXenImage } from "../disk/xen-image.js";
import type { BootFilesArgs, DomainArgs } from "../steps/boot-files.js";
import type { OpRun } from "./op.js";
import { type BootPayloadFiles, changeable, scriptFiles } from "./script-files.js";
import type { SmallFile } from "./small-tar.js";
import { input, stopAt } from "./stop-at.js";

const XEN = "xen";

/** U-Boot starts Xen, and Xen the kernel: a script with real addresses and sizes, and the memory map that goes with it. */
export async function underXen(
  run: OpRun,
  args: BootFilesArgs & { readonly xen: NonNullable<BootFilesArgs["xen"]> },
  files: BootPayloadFiles,
): Promise<{
  readonly configuration: readonly SmallFile[];
  readonly map: BootMap;
  readonly more: readonly SmallFile[];
}> {
  const { board } = args;
  const bytes = await readFile(input(run, XEN));
  const image = parseXenImage(bytes);
  if (!image) {
    const message = "the file that was built or taken as Xen is none for 32-bit ARM";
    const help = "Xen is built with XEN_TARGET_ARCH=arm32";
    stopAt(run, [{ severity: "error", code: "boot-not-xen", message, help }], "Xen would not start");
  }
  const { kernel, fdt, initramfs } = files;
  const domains = await Promise.all((args.xen.domains ?? []).map((domain) => loaded(run, domain)));
  const placed = placeModules(board, [
    { ...sized(kernel), kind: "kernel" as const, name: "dom0's kernel" },
    ...(initramfs ? [{ ...sized(initramfs), kind: "ramdisk" as const, name: "dom0's ramdisk" }] : []),
    ...domains.flatMap(({ files }) =>
      files.map(({ name, kind, bytes, shown }) => ({ ...sized({ name, bytes }), kind, name: shown })),
    ),
  ]);
  const modules = placed.map(({ file, kind, address, size }): XenModule => ({ file, kind, address, size }));
  const ofGuests = new Set(domains.flatMap(({ files }) => files.map(({ name }) => name)));
  const script = xenBootScript({
    ...changeable(args, { arguments: args.arguments }),
    xen: XEN,
    fdt: fdt.name,
    load: board.load,
    xenArguments: args.xen.arguments,
    modules: modules.filter(({ file }) => !ofGuests.has(file)),
    domains: domains.map(({ files, ...domain }) => ({
      ...domain,
      modules: modules.filter(({ file }) => files.some(({ name }) => name === file)),
    })),
  });
  const configuration = scriptFiles(script, args);
  const map = xenBootMap(board, {
    xen: { file: XEN, size: bytes.length, memory: image?.memory ?? bytes.length },
    fdt: sized(fdt),
    script: { file: "boot.scr", size: configuration[0]?.bytes.length ?? 0 },
    modules: placed,
  });
  return { configuration, map, more: [{ name: XEN, bytes }, ...domains.flatMap(({ files }) => files)] };
}

/** A guest's files as they lie on the boot partition: its own copy of each, since Xen takes each module for one domain. */
async function loaded(run: OpRun, { files, ...domain }: DomainArgs) {
  const read = files.map(async ({ kind, input: from }) => ({
    kind,
    name: `${domain.name}-${kind}`,
    shown: `guest ${domain.name}'s ${kind}`,
    bytes: await readFile(input(run, from)),
  }));
  return { ...domain, files: await Promise.all(read) };
}

function sized({ name, bytes }: SmallFile): { readonly file: string; readonly size: number } {
  return { file: name, size: bytes.length };
}
