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
  guest: Pick<GuestSpec, "name" | "memory" | "vcpus" | "arguments" | "dom0less">,
  files: { readonly kernel: LoadedFile; readonly ramdisk?: LoadedFile },
): TreeNode {
  const kiB = guest.memory / 1024;
  return {
    name: guest.name,
    properties: {
      compatible: "xen,domain",
      "#address-cells": 2,
      "#size-cells": 2,
      memory: [Math.floor(kiB / 2 ** 32), kiB % 2 ** 32],
      cpus: guest.vcpus,
      vpl011: true,
    },
    nodes: [
      module("kernel", files.kernel, { bootargs: guestArguments(guest) }),
      ...(files.ramdisk ? [module("ramdisk", files.ramdisk, {})] : []),
    ],
  };
}

function module(kind: "kernel" | "ramdisk", { address, size }: LoadedFile, more: TreeNode["properties"]): TreeNode {
  return {
    name: `module@${address.toString(16)}`,
    properties: { compatible: [`multiboot,${kind}`, "multiboot,module"], reg: [0, address, 0, size], ...more },
    nodes: [],
  };
}
