import { describe, expect, it } from "vitest";
import { bootMap, checkBootMap } from "../../../src/disk/boot-map.js";
import { checkEgon } from "../../../src/disk/egon.js";
import { diskId, uuidFor } from "../../../src/disk/identity.js";
import { parseZImage } from "../../../src/disk/zimage.js";
import { CARD_BOARD, cardSpec, fakeBootLoader, fakeKernel } from "../../rig/card.js";

const MiB = 1024 ** 2;
const spl = CARD_BOARD.spl;

function problems(kernel: Buffer, change: { dram?: number; ramdisk?: number; fdt?: number } = {}): string[] {
  const zImage = parseZImage(kernel);
  const board = {
    ...CARD_BOARD,
    dram: { ...CARD_BOARD.dram, size: change.dram ?? CARD_BOARD.dram.size },
    load: { ...CARD_BOARD.load, fdt: change.fdt ?? CARD_BOARD.load.fdt },
  };
  const map = bootMap(board, {
    kernel: { file: "zImage", size: kernel.length, ...(zImage ? { zImage } : {}) },
    fdt: { file: "board.dtb", size: 30_000 },
    script: { file: "boot.scr", size: 400 },
    ...(change.ramdisk ? { ramdisk: { file: "initrd", size: change.ramdisk } } : {}),
  });
  return checkBootMap(map).map(({ code, message, help }) => `${code}: ${message} (${help})`);
}

describe("boot map", () => {
  it("lets an ordinary kernel pass", () => {
    expect(problems(fakeKernel())).toEqual([]);
    expect(problems(fakeKernel(), { dram: 512 * MiB, ramdisk: 20 * MiB })).toEqual([]);
  });

  it("refuses a kernel too big for its address", () => {
    expect(problems(fakeKernel(17 * MiB, 30 * MiB))).toEqual([
      "boot-overlap: the kernel (zImage), 17 MiB at 0x42000000 to 0x43100000, runs into the device tree (board.dtb), 29.3 KiB at 0x43000000 to 0x43007530, while loading, by 1 MiB (make the kernel smaller (drivers as modules, CONFIG_KERNEL_XZ) by at least 1 MiB, or move the other to 0x43100000 or further)",
    ]);
  });

  it("refuses addresses outside DRAM", () => {
    expect(problems(fakeKernel(), { fdt: 0x7fffffff })).toContain(
      "boot-out-of-ram: the device tree (board.dtb), 29.3 KiB at 0x7fffffff to 0x8000752f, is outside the board's DRAM (0x40000000 to 0x80000000, 1 GiB) (give the device tree another load address in the board's file)",
    );
  });

  it("refuses a ramdisk that runs into the kernel as it decompresses", () => {
    const found = problems(fakeKernel(6 * MiB, 100 * MiB), { ramdisk: 60 * MiB });
    expect(found).toHaveLength(3);
    expect(found[0]).toMatch(
      /^boot-overlap: the decompressed kernel with its page tables, 101\.0 MiB at 0x40004000 to 0x46508000, runs into /,
    );
  });

  it("refuses what reaches into U-Boot at the top", () => {
    expect(problems(fakeKernel(), { dram: 256 * MiB, ramdisk: 110 * MiB })[0]).toMatch(
      /^boot-overlap: the ramdisk \(initrd\), 110 MiB at 0x43400000 to 0x4a200000, runs into U-Boot with its heap and stack, 96 MiB at 0x4a000000 to 0x50000000, while loading, by 2 MiB/,
    );
  });
});

describe("zImage", () => {
  it("says its decompressed size", () => {
    expect(parseZImage(fakeKernel(6 * MiB, 14 * MiB, MiB))).toEqual({
      size: 6 * MiB,
      inflated: 14 * MiB,
      bss: MiB,
      textOffset: 0x8000,
    });
    expect(parseZImage(Buffer.alloc(4096))).toBeUndefined();
  });
});

describe("eGON", () => {
  const codes = (bytes: Buffer) => checkEgon(bytes, spl).map(({ code, message }) => `${code}: ${message}`);

  it("takes a sound boot loader", () => {
    expect(codes(fakeBootLoader())).toEqual([]);
  });

  it("names everything that is wrong", () => {
    const flipped = fakeBootLoader();
    flipped.writeUInt8(1, 4000);
    expect(codes(flipped)).toEqual([
      expect.stringMatching(/^spl-checksum: the SPL's checksum is 0x[0-9a-f]+, its header says 0x/),
    ]);
    expect(codes(Buffer.alloc(4096))).toEqual([
      "spl-magic: the boot loader does not start with an eGON.BT0 header: the boot ROM would not take it",
    ]);
    expect(codes(fakeBootLoader().subarray(0, 8192))).toEqual([
      "spl-length: the SPL's header says 16384 bytes, the file has 8192",
    ]);
    expect(codes(fakeBootLoader(300_000, 32 * 1024))).toEqual([
      "spl-too-large: the SPL has 32 KiB, the boot ROM loads at most 24 KiB",
    ]);
    expect(codes(fakeBootLoader().subarray(0, 16384))).toEqual(["spl-alone: no U-Boot image follows the SPL"]);
    expect(codes(fakeBootLoader(1_100_000))).toEqual([
      "boot-loader-too-large: SPL and U-Boot have 1.0 MiB, the board keeps 1016 KiB for them (0x2000 to 0x100000)",
    ]);
  });
});

describe("identity", () => {
  it("depends on recipe and board alone", () => {
    expect(diskId(cardSpec())).toBe("1db155d0");
    expect(uuidFor(cardSpec(), "disk")).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(diskId({ ...cardSpec(), name: "other" })).not.toBe("1db155d0");
  });
});
