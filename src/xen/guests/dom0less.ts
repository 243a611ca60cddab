import type { TreeNode } from "../../disk/device-tree-node.js";
import type { GuestSpec } from "../../recipe/guest.js";
import { guestArguments } from "./place.js";

/** A file in DRAM when Xen starts; `size` is the file's, exactly: Xen copies so many bytes. */
export interface LoadedFile {
  readonly address: number;
  readonly size: number;
}

/**
 * A guest that Xen starts itself, as a node of /chosen: memory in KiB in two cells, its console a PL011 that Xen
 * emulates, and a module for each of its files (Xen, docs/misc/arm/device-tree/booting.txt, docs/features/dom0less.pandoc).
 */
export function dom0lessNode(
  guest: GuestSpec,
  files: { readonly kernel: LoadedFile; readonly ramdisk?: LoadedFile },
): TreeNode {
  return {
    name: guest.name,
    properties: {
      compatible: "xen,domain",
      "#address-cells": 2,
      "#size-cells": 2,
      ...dom0lessProperties(guest),
    },
    nodes: [
      module("kernel", files.kernel, { bootargs: guestArguments(guest) }),
      ...(files.ramdisk ? [module("ramdisk", files.ramdisk, {})] : []),
    ],
  };
}

/** What Xen is told of such a guest besides its modules. */
export function dom0lessProperties({ memory, vcpus }: Pick<GuestSpec, "memory" | "vcpus">) {
  const kiB = memory / 1024;
  return { memory: [Math.floor(kiB / 2 ** 32), kiB % 2 ** 32], cpus: [vcpus], vpl011: true } as const;
}

function module(kind: "kernel" | "ramdisk", { address, size }: LoadedFile, more: TreeNode["properties"]): TreeNode {
  return {
    name: `module@${address.toString(16)}`,
    properties: { compatible: [`multiboot,${kind}`, "multiboot,module"], reg: [0, address, 0, size], ...more },
    nodes: [],
  };
}
