import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkBootMap } from "../../../src/disk/boot-map.js";
import { FDT_ROOM, xenArguments, xenBootScript } from "../../../src/disk/xen-boot.js";
import { placeModules, xenBootMap } from "../../../src/disk/xen-boot-map.js";
import { parseXenImage } from "../../../src/disk/xen-image.js";
import { CARD_BOARD } from "../../rig/card.js";
import { fakeXen } from "../../rig/xen.js";

const MiB = 1024 ** 2;

describe("a Xen's image", () => {
  it("says its release, and how much memory it takes, which is more than the file", () => {
    expect(parseXenImage(fakeXen())).toEqual({ release: "4.17", memory: 1_200_000 });
    expect(parseXenImage(fakeXen({ size: 2 * MiB, release: "4.3" }))).toEqual({ release: "4.3", memory: 2 * MiB });
  });

  it("is none without its magic number, or where nothing calls itself Xen", () => {
    expect(parseXenImage(Buffer.alloc(20))).toBeUndefined();
    const other = fakeXen();
    other.writeUInt32LE(0, 0x24);
    expect(parseXenImage(other)).toBeUndefined();
    expect(parseXenImage(fakeXen({ release: "" }))).toBeUndefined();
  });
});

describe("the boot script", () => {
  const boot = {
    xen: "xen",
    fdt: "board.dtb",
    load: CARD_BOARD.load,
    xenArguments: "console=dtuart dom0_mem=256M",
    arguments: "console=hvc0 root=/dev/mmcblk0p2",
    modules: [
      { file: "zImage", kind: "kernel", address: 0x43400000, size: 0x5de200 },
      { file: "initramfs", kind: "ramdisk", address: 0x43a00000, size: 3 },
    ],
    domains: [],
  } as const;
  const from = `load \${devtype} \${devnum}:\${distro_bootpart}`;

  // Xen, docs/misc/arm/device-tree/booting.txt, "Command lines" and "Multiboot Module".
  it("loads each file and tells Xen of it, with its size to the byte", () => {
    expect(
      xenBootScript(boot),
    ).toBe(`# Xen with 2 modules; addresses and sizes are those of the files on this partition.
${from} 0x42000000 \${prefix}xen
${from} 0x43000000 \${prefix}board.dtb
${from} 0x43400000 \${prefix}zImage
${from} 0x43a00000 \${prefix}initramfs
# The device tree stays where it is, out of everybody's way.
setenv fdt_high 0xffffffff
fdt addr 0x43000000
fdt resize 0x8000
fdt set /chosen \\#address-cells <0x1>
fdt set /chosen \\#size-cells <0x1>
fdt set /chosen xen,xen-bootargs 'console=dtuart dom0_mem=256M'
fdt set /chosen xen,dom0-bootargs 'console=hvc0 root=/dev/mmcblk0p2'
fdt mknode /chosen module@43400000
fdt set /chosen/module@43400000 compatible "multiboot,kernel" "multiboot,module"
fdt set /chosen/module@43400000 reg <0x43400000 0x5de200>
fdt mknode /chosen module@43a00000
fdt set /chosen/module@43a00000 compatible "multiboot,ramdisk" "multiboot,module"
fdt set /chosen/module@43a00000 reg <0x43a00000 0x3>
bootz 0x42000000 - 0x43000000
`);
  });

  it("takes dom0's arguments from a file where they may change", () => {
    const { arguments: _, ...changing } = boot;
    const lines = xenBootScript(changing).split("\n");
    expect(lines.slice(1, 3)).toEqual([
      `${from} 0x42000000 \${prefix}arguments.env`,
      `env import -t 0x42000000 \${filesize} bootargs`,
    ]);
    expect(lines).toContain(`fdt set /chosen xen,dom0-bootargs "\${bootargs}"`);
  });

  // Xen, docs/features/dom0less.pandoc, "Booting Multiple Domains from Device Tree".
  it("describes a domain that Xen starts by itself below /chosen, with cells and modules of its own", () => {
    const domain = {
      name: "domU1",
      properties: [
        ["memory", "<0x0 0x20000>"],
        ["cpus", "<0x1>"],
        ["vpl011", ""],
      ],
      modules: [{ file: "guest", kind: "kernel", address: 0x44000000, size: 5 }],
      arguments: "console=ttyAMA0",
    } as const;
    const lines = xenBootScript({ ...boot, domains: [domain] }).split("\n");
    expect(lines).toContain(`${from} 0x44000000 \${prefix}guest`);
    expect(lines.slice(lines.indexOf("fdt mknode /chosen domU1"), -2)).toEqual([
      "fdt mknode /chosen domU1",
      'fdt set /chosen/domU1 compatible "xen,domain"',
      "fdt set /chosen/domU1 \\#address-cells <0x1>",
      "fdt set /chosen/domU1 \\#size-cells <0x1>",
      "fdt set /chosen/domU1 memory <0x0 0x20000>",
      "fdt set /chosen/domU1 cpus <0x1>",
      "fdt set /chosen/domU1 vpl011",
      "fdt mknode /chosen/domU1 module@44000000",
      'fdt set /chosen/domU1/module@44000000 compatible "multiboot,kernel" "multiboot,module"',
      "fdt set /chosen/domU1/module@44000000 reg <0x44000000 0x5>",
      "fdt set /chosen/domU1/module@44000000 bootargs 'console=ttyAMA0'",
    ]);
  });

  it("gives Xen its console, dom0's memory in whole MiB, and what the recipe adds", () => {
    expect(xenArguments({ dom0: { memory: 512 * MiB }, arguments: ["a", "b=1"] })).toBe(
      "console=dtuart dom0_mem=512M a b=1",
    );
    expect(xenArguments({ dom0: { memory: 64 * MiB, vcpus: 2 }, arguments: [] })).toBe(
      "console=dtuart dom0_mem=64M dom0_max_vcpus=2",
    );
  });
});

describe("the memory map", () => {
  const module = (file: string, size: number) => ({ file, size, name: `dom0's ${file}` });
  const map = (sizes: { readonly xen?: number; readonly memory?: number; readonly modules?: readonly number[] }) =>
    xenBootMap(CARD_BOARD, {
      xen: { file: "xen", size: sizes.xen ?? 900_000, memory: sizes.memory ?? 1_200_000 },
      fdt: { file: "board.dtb", size: 30_000 },
      script: { file: "boot.scr", size: 2000 },
      modules: placeModules(
        CARD_BOARD,
        (sizes.modules ?? [6 * MiB, 3 * MiB]).map((size, index) => module(`module-${index}`, size)),
      ),
    });

  it("has each module behind the one before, at the start of a piece of 2 MiB", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 * MiB }), { maxLength: 8 }), (sizes) => {
        const placed = placeModules(
          CARD_BOARD,
          sizes.map((size) => module("m", size)),
        );
        let free = CARD_BOARD.load.ramdisk;
        for (const { address, size } of placed) {
          expect(address).toBeGreaterThanOrEqual(free);
          expect(address - free).toBeLessThan(2 * MiB);
          expect(address % (2 * MiB)).toBe(0);
          free = address + size;
        }
      }),
    );
  });

  it("is fine for what fits", () => {
    expect(checkBootMap(map({}))).toEqual([]);
    const fdt = map({}).areas.filter(({ owner }) => owner === "fdt");
    expect(fdt.map(({ size, when }) => [size, when])).toEqual([
      [30_000 + FDT_ROOM, "loading"],
      [30_000 + FDT_ROOM, "starting"],
    ]);
  });

  it("names a Xen that zeroes the device tree behind it", () => {
    const [only, ...more] = checkBootMap(map({ memory: 17 * MiB }));
    expect(more).toEqual([]);
    expect(only).toMatchObject({
      code: "boot-overlap",
      message:
        "Xen (xen) with the memory it zeroes, 17 MiB at 0x42000000 to 0x43100000, runs into the device tree (board.dtb), 61.3 KiB at 0x43000000 to 0x4300f530, while starting, by 1 MiB",
    });
  });

  it("names a module that reaches into U-Boot, or beyond DRAM", () => {
    const found = checkBootMap(map({ modules: [6 * MiB, 950 * MiB] }));
    expect(found.map(({ code }) => code)).toEqual(["boot-overlap"]);
    expect(found[0]?.message).toMatch(
      /^dom0's module-1 \(module-1\), 950 MiB at 0x43a00000 to 0x7f000000, runs into U-Boot/,
    );
    expect(checkBootMap(map({ modules: [2000 * MiB] })).map(({ code }) => code)).toContain("boot-out-of-ram");
  });
});
