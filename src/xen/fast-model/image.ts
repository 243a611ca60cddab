import type { Model } from "../../board/model.js";
import type { Diagnostic } from "../../diagnostic/diagnostic.js";
import { readTree, writeTree } from "../../disk/device-tree-blob.js";
import { ARGUMENTS_ROOM, modelTree } from "./device-tree.js";
import { writeElf } from "./elf.js";
import { checkPlaces, type PartSizes, type Places, placeParts } from "./placing.js";
import { withParameters } from "./shim-parameters.js";

/** What goes into a fast-model image. */
export interface Parts {
  /** The assembled shim: the one that has it all, or the semihosting variant. */
  readonly shim: Uint8Array;
  readonly xen: Uint8Array;
  /** Linux' device tree of the board. */
  readonly deviceTree: Uint8Array;
  /** Both may be absent from an image that gets them by semihosting. */
  readonly kernel?: Uint8Array;
  readonly ramdisk?: Uint8Array;
  readonly arguments: { readonly xen: string; readonly dom0: string };
  readonly semihosting: boolean;
}

export interface FastModelImage {
  /** The `.axf`. */
  readonly elf: Uint8Array;
  /** The device tree in it, for `--dtb` and for people. */
  readonly deviceTree: Uint8Array;
  readonly places: Places;
}

/** An executable that a fast model and its twin start: shim, device tree, Xen, and dom0's kernel and initramfs. */
export function fastModelImage(
  model: Model,
  parts: Parts,
): { readonly image?: FastModelImage; readonly diagnostics: readonly Diagnostic[] } {
  const linux = readTree(parts.deviceTree);
  if (linux === undefined) {
    const help = `it has to be Linux' ${model.deviceTree.from}`;
    return {
      diagnostics: [{ severity: "error", code: "model-no-device-tree", message: "the device tree is none", help }],
    };
  }
  const asked = Buffer.byteLength(parts.arguments.dom0);
  if (parts.semihosting && asked >= ARGUMENTS_ROOM) {
    const message = `dom0's kernel gets arguments of ${asked} bytes, and an image for semihosting has room for ${ARGUMENTS_ROOM - 1}`;
    const help = "shorten `boot: arguments:`";
    return { diagnostics: [{ severity: "error", code: "arguments-too-long", message, help }] };
  }
  const fixed = {
    shim: parts.shim.length,
    xen: parts.xen.length,
    kernel: parts.kernel?.length ?? 0,
    ...(parts.ramdisk ? { ramdisk: parts.ramdisk.length } : {}),
  };
  const places = placeParts(model, { ...fixed, deviceTree: 0 });
  const boot = { ...parts.arguments, later: parts.semihosting };
  const tree = writeTree(modelTree(linux, model, { ...fixed, deviceTree: 0 }, places, boot));
  const sizes: PartSizes = { ...fixed, deviceTree: tree.length };
  const diagnostics = checkPlaces(model, sizes, places);
  if (diagnostics.length > 0) return { diagnostics };
  const shim = withParameters(parts.shim, model, places);
  const elf = writeElf(places.shim, [
    { address: places.shim, bytes: shim },
    { address: places.deviceTree, bytes: tree },
    { address: places.xen, bytes: parts.xen },
    ...(parts.kernel ? [{ address: places.kernel, bytes: parts.kernel }] : []),
    ...(parts.ramdisk ? [{ address: places.ramdisk, bytes: parts.ramdisk }] : []),
  ]);
  return { image: { elf, deviceTree: tree, places }, diagnostics: [] };
}
