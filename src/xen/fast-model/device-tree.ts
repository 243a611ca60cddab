import type { Model } from "../../board/model.js";
import { editNode, nodeAt, type TreeNode } from "../../disk/device-tree-node.js";
import type { PartSizes, Places } from "./placing.js";

/** Bytes that the kernel's arguments may take in an image that gets them by semihosting; the shim changes them in place. */
export const ARGUMENTS_ROOM = 1024;

/** What Xen and dom0 are told. */
export interface BootArguments {
  readonly xen: string;
  readonly dom0: string;
  /** Leaves room for arguments, and a module for an initramfs, that come by semihosting. */
  readonly later: boolean;
}

/**
 * Linux' device tree of the board, as the model is: one CPU, its DRAM, virtio transports, without what it lacks; and
 * with Xen's modules and arguments in /chosen (Xen, docs/misc/arm/device-tree/booting.txt).
 */
export function modelTree(
  linux: TreeNode,
  model: Model,
  sizes: PartSizes,
  places: Places,
  boot: BootArguments,
): TreeNode {
  const { dram, deviceTree, cpus } = model;
  const memory = `memory@${dram.base.toString(16)}`;
  const cut = [...deviceTree.without, "/chosen", `/${memory}`].reduce(
    (tree, path) => editNode(tree, path, () => undefined) ?? tree,
    linux,
  );
  const left = new Set((nodeAt(cut, "/cpus")?.nodes ?? []).filter(isCpu).slice(cpus));
  const named = (node: TreeNode): TreeNode =>
    isCpu(node) ? { ...node, properties: { ...node.properties, compatible: `arm,${model.core}` } } : node;
  const fewer = editNode(cut, "/cpus", (node) => ({
    ...node,
    nodes: node.nodes.filter((one) => !left.has(one)).map(named),
  }));
  const tree = fewer ?? cut;
  return {
    ...tree,
    nodes: [
      chosen(deviceTree.console, sizes, places, boot),
      ...tree.nodes,
      { name: memory, properties: { device_type: "memory", reg: [0, dram.base, 0, dram.size] }, nodes: [] },
      ...deviceTree.virtio.map(({ address, interrupt }) => ({
        name: `virtio@${address.toString(16)}`,
        properties: {
          compatible: "virtio,mmio",
          reg: [0, address, 0, 0x200],
          // A shared interrupt, on its rising edge.
          interrupts: [0, interrupt, 1],
        },
        nodes: [],
      })),
    ],
  };
}

const isCpu = ({ name }: TreeNode) => name.startsWith("cpu@");

function chosen(console: string, sizes: PartSizes, places: Places, boot: BootArguments): TreeNode {
  const module = (address: number, size: number, kind: string): TreeNode => ({
    name: `module@${address.toString(16)}`,
    properties: { compatible: [`multiboot,${kind}`, "multiboot,module"], reg: [0, address, 0, size] },
    nodes: [],
  });
  const room = Buffer.alloc(ARGUMENTS_ROOM);
  room.write(boot.dom0, 0, ARGUMENTS_ROOM - 1);
  return {
    name: "chosen",
    properties: {
      "#address-cells": 2,
      "#size-cells": 2,
      // Where Xen's console is.
      "stdout-path": console,
      "xen,xen-bootargs": boot.xen,
      "xen,dom0-bootargs": boot.later ? room : boot.dom0,
    },
    nodes: [
      module(places.kernel, sizes.kernel, "kernel"),
      ...(sizes.ramdisk !== undefined || boot.later ? [module(places.ramdisk, sizes.ramdisk ?? 0, "ramdisk")] : []),
    ],
  };
}

/** Nodes of `paths` that the tree does not have: a newer Linux may have named them anew. */
export function missingNodes(linux: TreeNode, paths: readonly string[]): readonly string[] {
  return paths.filter((path) => nodeAt(linux, path) === undefined);
}
