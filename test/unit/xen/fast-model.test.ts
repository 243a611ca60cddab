import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { listModels, loadModel } from "../../../src/board/load-model.js";
import type { Model } from "../../../src/board/model.js";
import { nodeFiles } from "../../../src/cli/node-files.js";
import { parseDeviceTree, propertyText } from "../../../src/disk/device-tree.js";
import { readTree, writeTree } from "../../../src/disk/device-tree-blob.js";
import type { TreeNode } from "../../../src/disk/device-tree-node.js";
import { missingNodes } from "../../../src/xen/fast-model/device-tree.js";
import { writeElf } from "../../../src/xen/fast-model/elf.js";
import { fastModelImage, type Parts } from "../../../src/xen/fast-model/image.js";
import { runLines } from "../../../src/xen/fast-model/run-lines.js";
import { withParameters } from "../../../src/xen/fast-model/shim-parameters.js";

const home = join(import.meta.dirname, "../../..");
const homes = { cwd: home, home };
const MiB = 1024 ** 2;
let model: Model;

beforeAll(async () => {
  const loaded = await loadModel("vexpress-a15", nodeFiles(), homes);
  expect(loaded.diagnostics).toEqual([]);
  if (loaded.model) model = loaded.model;
});

const node = (name: string, properties: TreeNode["properties"] = {}, nodes: readonly TreeNode[] = []): TreeNode => ({
  name,
  properties,
  nodes,
});
/** As much of Linux' tree as is changed. */
const linux = node("", { model: "V2P-CA15", "#address-cells": 2, "#size-cells": 2 }, [
  node("chosen", { bootargs: "from Linux" }),
  node("cpus", {}, [node("cpu@0", { reg: 0 }), node("cpu@1", { reg: 1 }), node("idle-states")]),
  node("memory@80000000", { device_type: "memory", reg: [0, 0x8000_0000, 0, 0x1000_0000] }),
  node("hdlcd@2b000000", { compatible: "arm,hdlcd" }),
  node("pmu", { interrupts: [0, 0x44, 4] }),
]);
const parts = (over: Partial<Parts> = {}): Parts => ({
  shim: Buffer.alloc(4096),
  xen: Buffer.alloc(MiB, 0x58),
  deviceTree: writeTree(linux),
  kernel: Buffer.alloc(4 * MiB, 0x4b),
  ramdisk: Buffer.alloc(1000, 0x52),
  arguments: { xen: "console=dtuart", dom0: "console=hvc0" },
  semihosting: false,
  ...over,
});
const propertiesOf = (blob: Uint8Array) => {
  const tree = parseDeviceTree(blob);
  return {
    nodes: tree?.nodes ?? [],
    text: (key: string) => {
      const value = tree?.properties.get(key);
      return value && propertyText(value);
    },
  };
};

describe("models", () => {
  test("those that are shipped have what the shim has to know", async () => {
    expect(await listModels(nodeFiles(), homes)).toEqual(["vexpress-a15", "vexpress-a7"]);
    expect(model).toMatchObject({
      name: "vexpress-a15",
      cpus: 1,
      dram: { base: 0x8000_0000, size: 1024 * MiB },
      gic: { distributor: 0x2c00_1000, cpuInterface: 0x2c00_2000 },
      sysFlags: 0x1c01_0030,
    });
  });

  test("one that nobody knows is refused with the name that was meant", async () => {
    const { diagnostics } = await loadModel("vexpres-a15", nodeFiles(), homes);
    expect(diagnostics).toEqual([
      {
        severity: "error",
        code: "unknown-model",
        message: 'no fast model is named "vexpres-a15"',
        help: 'did you mean "vexpress-a15"?',
      },
    ]);
  });
});

describe("an image", () => {
  test("is an ELF file for ARM with a load segment for each part, each at its address", () => {
    const bytes = writeElf(0x8000_0000, [
      { address: 0x8000_0000, bytes: Buffer.from("shim") },
      { address: 0x8020_0000, bytes: Buffer.from("Xen") },
    ]);
    const view = Buffer.from(bytes);
    expect(view.subarray(0, 7).toString("hex")).toBe("7f454c46010101");
    expect([view.readUInt16LE(16), view.readUInt16LE(18), view.readUInt32LE(24)]).toEqual([2, 40, 0x8000_0000]);
    const segment = (index: number) => [0, 4, 8, 16, 20].map((at) => view.readUInt32LE(52 + 32 * index + at));
    expect(segment(0)).toEqual([1, 0x1000, 0x8000_0000, 4, 4]);
    expect(segment(1)).toEqual([1, 0x2000, 0x8020_0000, 3, 3]);
    expect(view.subarray(0x1000, 0x1004).toString()).toBe("shim");
    expect(view.subarray(0x2000).toString()).toBe("Xen");
  });

  test("names its CPU as the model's, and leaves the others out", async () => {
    for (const name of ["vexpress-a15", "vexpress-a7"]) {
      const loaded = await loadModel(name, nodeFiles(), homes);
      expect(loaded.diagnostics).toEqual([]);
      const { image } = fastModelImage(loaded.model ?? model, parts());
      const { nodes, text } = propertiesOf(image?.deviceTree ?? Buffer.alloc(0));
      expect(text("/cpus/cpu@0:compatible")).toBe(`"arm,cortex-${name.slice("vexpress-".length)}"`);
      expect(nodes).not.toContain("/cpus/cpu@1");
    }
  });

  test("tells Xen the modules' places and exact sizes, and both command lines", () => {
    const { image, diagnostics } = fastModelImage(model, parts());
    expect(diagnostics).toEqual([]);
    const { nodes, text } = propertiesOf(image?.deviceTree ?? Buffer.alloc(0));
    expect(text("/chosen:xen,xen-bootargs")).toBe('"console=dtuart"');
    expect(text("/chosen:xen,dom0-bootargs")).toBe('"console=hvc0"');
    expect(text("/chosen/module@82000000:compatible")).toBe('"multiboot,kernel", "multiboot,module"');
    expect(text("/chosen/module@82000000:reg")).toBe("<0x0 0x82000000 0x0 0x400000>");
    expect(text("/chosen/module@84000000:compatible")).toBe('"multiboot,ramdisk", "multiboot,module"');
    expect(text("/chosen/module@84000000:reg")).toBe("<0x0 0x84000000 0x0 0x3e8>");
    expect(text("/chosen:bootargs")).toBeUndefined();
    expect(nodes.filter((path) => path.startsWith("/cpus/"))).toEqual(["/cpus/cpu@0", "/cpus/idle-states"]);
    expect(nodes).not.toContain("/hdlcd@2b000000");
    expect(nodes).not.toContain("/pmu");
    expect(text("/memory@80000000:reg")).toBe("<0x0 0x80000000 0x0 0x40000000>");
    expect(text("/virtio@1c130600:interrupts")).toBe("<0x0 0x2b 0x1>");
  });

  test("moves what comes later when Xen or the kernel is large, and is refused when the DRAM ends before", () => {
    const { image } = fastModelImage(model, parts({ xen: Buffer.alloc(31 * MiB), kernel: Buffer.alloc(33 * MiB) }));
    expect(image?.places).toMatchObject({ xen: 0x8020_0000, kernel: 0x8220_0000, ramdisk: 0x8440_0000 });
    const small = { ...model, dram: { base: 0x8000_0000, size: 34 * MiB } };
    const { image: none, diagnostics } = fastModelImage(small, parts());
    expect(none).toBeUndefined();
    expect(diagnostics.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      "boot-out-of-ram: dom0's kernel, 4 MiB at 0x82000000 to 0x82400000, is outside the board's DRAM (0x80000000 to 0x82200000, 34 MiB)",
      "boot-out-of-ram: dom0's initramfs, 1000 B at 0x84000000 to 0x840003e8, is outside the board's DRAM (0x80000000 to 0x82200000, 34 MiB)",
    ]);
  });

  test("that is to get its kernel by semihosting has room for arguments and an empty module for an initramfs", () => {
    const { kernel: _, ramdisk: __, ...bare } = parts({ semihosting: true });
    const { image } = fastModelImage(model, bare);
    const tree = parseDeviceTree(image?.deviceTree ?? Buffer.alloc(0));
    const room = Buffer.from(tree?.properties.get("/chosen:xen,dom0-bootargs") ?? []);
    expect(room.length).toBe(1024);
    expect(room.toString("latin1").replace(/\0+$/, "")).toBe("console=hvc0");
    const { text } = propertiesOf(image?.deviceTree ?? Buffer.alloc(0));
    expect(text("/chosen/module@82000000:reg")).toBe("<0x0 0x82000000 0x0 0x0>");
    expect(text("/chosen/module@84000000:reg")).toBe("<0x0 0x84000000 0x0 0x0>");
    expect(Buffer.from(image?.elf ?? []).readUInt16LE(44)).toBe(3);
  });

  test("whose arguments have no room is refused", () => {
    const long = { xen: "x", dom0: "y".repeat(1024) };
    const { diagnostics } = fastModelImage(model, parts({ semihosting: true, arguments: long }));
    expect(diagnostics).toEqual([
      {
        severity: "error",
        code: "arguments-too-long",
        message: "dom0's kernel gets arguments of 1024 bytes, and an image for semihosting has room for 1023",
        help: "shorten `boot: arguments:`",
      },
    ]);
  });

  test("without a device tree is refused", () => {
    const { diagnostics } = fastModelImage(model, parts({ deviceTree: Buffer.from("nothing") }));
    expect(diagnostics).toEqual([
      {
        severity: "error",
        code: "model-no-device-tree",
        message: "the device tree is none",
        help: "it has to be Linux' arm/vexpress-v2p-ca15-tc1.dtb",
      },
    ]);
  });

  test("nodes that a newer Linux no longer has are named", () => {
    expect(missingNodes(linux, ["/pmu", "/wdt@2b060000"])).toEqual(["/wdt@2b060000"]);
  });
});

test("the shim gets the model's addresses, and one that has other words there is not taken for it", () => {
  const shim = withParameters(Buffer.alloc(64), model, { xen: 0x8020_0000, deviceTree: 0x8010_0000 });
  const words = Array.from({ length: 9 }, (_, at) => Buffer.from(shim).readUInt32LE(at * 4));
  expect(words).toEqual([
    0, 0x8020_0000, 0x8010_0000, 0x2c00_1000, 0x2c00_2000, 0x1c01_0030, 0x1c09_0000, 24_000_000, 0,
  ]);
  expect(() => withParameters(Buffer.alloc(64, 1), model, { xen: 1, deviceTree: 2 })).toThrow(/empty parameters/);
});

test("run lines, for the models and for the twin", () => {
  const files = {
    image: "x.axf",
    semihosting: "x-semihosting.axf",
    kernel: "zImage",
    initramfs: "initramfs",
    deviceTree: "x.dtb",
    arguments: "console=hvc0 root=/dev/xvda",
  };
  const named = "--kernel zImage --dtb x.dtb --initrd initramfs -- console=hvc0 root=/dev/xvda";
  const qemu =
    "qemu-system-arm -M vexpress-a15,virtualization=on,secure=on -cpu cortex-a15 -m 1024M -nographic -no-reboot -audio none -kernel";
  const arg = named.split(" ").map((word) => `arg=${word}`);
  expect(
    runLines(model, files),
  ).toBe(`# ARM Fast Models: Versatile Express with a Cortex-A15: either image, the second with files that may change
FVP_VE_Cortex-A15x1 -a x.axf
FVP_VE_Cortex-A15x1 -a x-semihosting.axf -C cluster.cpu0.semihosting-cmd_line="${named}"
RTSM_VE_Cortex-A15x1 -a x.axf
RTSM_VE_Cortex-A15x1 -a x-semihosting.axf -C cluster.cpu0.semihosting-cmd_line="${named}"

# its twin
${qemu} x.axf
${qemu} x-semihosting.axf -semihosting-config enable=on,target=native,arg=x-semihosting.axf,${arg.join(",")}
`);
});

test("a tree that was read is written with the same nodes, properties and order", () => {
  const blob = writeTree(linux);
  const again = readTree(blob);
  expect(again && Buffer.from(writeTree(again)).equals(blob)).toBe(true);
  expect(readTree(Buffer.from("nothing"))).toBeUndefined();
});
