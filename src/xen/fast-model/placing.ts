import type { Model } from "../../board/model.js";
import type { Diagnostic } from "../../diagnostic/diagnostic.js";
import { type BootMap, checkBootMap } from "../../disk/boot-map.js";

const MiB = 1024 ** 2;
/** Xen is entered at a multiple of it (Xen, docs/misc/arm/booting.txt), and so each payload gets a bit of its own. */
const UNIT = 2 * MiB;
const DEVICE_TREE = MiB;
const XEN = 2 * MiB;
/** Xen's own pages and the gap that a growing Xen may take before the kernel has to move. */
const KERNEL = 32 * MiB;
const RAMDISK = 64 * MiB;

/** Bytes of each part; a kernel and a ramdisk that come later have none yet. */
export interface PartSizes {
  readonly shim: number;
  readonly deviceTree: number;
  readonly xen: number;
  readonly kernel: number;
  readonly ramdisk?: number;
}

/** Addresses of an image's parts. */
export interface Places {
  readonly shim: number;
  readonly deviceTree: number;
  readonly xen: number;
  readonly kernel: number;
  readonly ramdisk: number;
}

/** Gives each part its address in the model's DRAM, further up where the ones before it are large. */
export function placeParts({ dram }: Pick<Model, "dram">, sizes: PartSizes): Places {
  const up = (address: number) => Math.ceil(address / UNIT) * UNIT;
  const xen = dram.base + XEN;
  const kernel = Math.max(dram.base + KERNEL, up(xen + sizes.xen));
  const ramdisk = Math.max(dram.base + RAMDISK, up(kernel + sizes.kernel));
  return { shim: dram.base, deviceTree: dram.base + DEVICE_TREE, xen, kernel, ramdisk };
}

/** What would go wrong with an image of these parts: something runs into another, or out of the model's DRAM. */
export function checkPlaces({ dram }: Pick<Model, "dram">, sizes: PartSizes, places: Places): readonly Diagnostic[] {
  const named = { shim: "the shim", deviceTree: "the device tree", xen: "Xen", kernel: "dom0's kernel" } as const;
  const area = (name: string, start: number, size: number, remedy: string) =>
    ({ name, start, size, when: "loading", owner: name, remedy }) as const;
  const map: BootMap = {
    dram,
    areas: [
      ...(["shim", "deviceTree", "xen", "kernel"] as const).map((part) =>
        area(named[part], places[part], sizes[part], `make ${named[part]} smaller`),
      ),
      ...(sizes.ramdisk === undefined
        ? []
        : [area("dom0's initramfs", places.ramdisk, sizes.ramdisk, "make the initramfs smaller")]),
    ],
  };
  return checkBootMap(map);
}
