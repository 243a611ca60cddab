import { readFileSync } from "node:fs";
import type { Board } from "../../src/board/board.js";
import type { Assets } from "../../src/plan/step.js";
import type { CompiledKernelSpec, ImageSpec, Spec } from "../../src/recipe/spec.js";

const MiB = 1024 ** 2;

/** A Cubieboard's facts, as far as images and boot files need them. */
export const CARD_BOARD: Board = {
  name: "cubieboard",
  title: "Cubieboard",
  soc: { name: "A10", family: "sun4i", core: "cortex-a8", cores: 1, virtualization: false, lpae: false },
  dram: { base: 0x40000000, size: 1024 * MiB },
  uboot: { defconfig: "Cubieboard_defconfig" },
  spl: { offset: 8192, maxSize: 24 * 1024, reserved: MiB },
  kernel: { arch: "arm", image: "zImage", dtb: "allwinner/sun4i-a10-cubieboard.dtb" },
  cardModules: ["sunxi-mmc", "mmc_block"],
  console: { device: "ttyS0", baud: 115200 },
  load: { kernel: 0x42000000, fdt: 0x43000000, script: 0x43100000, ramdisk: 0x43400000 },
  reserved: [],
  arch: { debian: "armhf", rpm: "armv7hl" },
  origin: [],
};

/** A card of 256 MiB: 40 MiB FAT32 for boot, the rest ext4 for root. */
export const CARD_IMAGE: ImageSpec = {
  table: "mbr",
  size: 256 * MiB,
  align: 4 * MiB,
  partitions: [
    { name: "boot", content: "boot", filesystem: "fat32", size: { bytes: 40 * MiB }, label: "BOOT" },
    { name: "root", content: "root", filesystem: "ext4", size: { rest: true }, label: "root fs" },
  ],
  compress: [],
};

/** A spec whose kernel is compiled. */
export type CardSpec = Spec & { readonly kernel: CompiledKernelSpec };

/** A spec with what the image steps read of it. */
export function cardSpec(
  image: ImageSpec = CARD_IMAGE,
  boot: Spec["boot"] = { method: "extlinux", arguments: ["quiet"] },
): CardSpec {
  return {
    name: "card",
    description: "a card",
    file: "recipes/card.yaml",
    board: CARD_BOARD,
    sources: {},
    toolchain: { kind: "distro", prefix: "arm-linux-gnueabihf-", libc: "glibc" },
    lvm: true,
    kernel: {
      kind: "source",
      role: "kernel",
      source: "linux",
      defconfig: { inTree: "sunxi_defconfig" },
      patches: [],
      fragments: [],
      allowDropped: [],
    },
    uboot: { source: "u-boot", defconfig: "Cubieboard_defconfig", patches: [], fragments: [] },
    boot,
    rootfs: { kind: "tar", source: "rootfs" },
    provision: {
      hostname: "card",
      users: [],
      network: [],
      nfs: { mounts: [], exports: [] },
      units: { enable: [], disable: [], mask: [] },
      overlays: [],
      firstboot: { kind: "password" },
      grow: false,
    },
    image,
    lint: { accept: [] },
    proof: { enabled: false, checks: [], timeouts: { spl: 1, "u-boot": 1, kernel: 1, init: 1, login: 1, checks: 1 } },
    epoch: 1_700_000_000,
    files: [],
  };
}

/** Scripts from the source folder, library in front; code digests that never change. */
export const ASSETS: Assets = {
  script: (name) => `${asset("steps/lib.sh")}\n${asset(`steps/${name}.sh`)}`,
  code: () => "0".repeat(64),
  text: asset,
};

function asset(path: string): string {
  return readFileSync(new URL(`../../src/${path}`, import.meta.url), "utf8");
}

/** An SPL as the boot ROM takes it with the start of a U-Boot image at 32 KiB; `size` bytes in all. */
export function fakeBootLoader(size = 300_000, length = 16 * 1024): Buffer {
  const bytes = Buffer.alloc(size, 0x5a);
  bytes.fill(0, length, 32 * 1024);
  bytes.writeUInt32LE(0xea000016, 0);
  bytes.write("eGON.BT0", 4, "latin1");
  bytes.writeUInt32LE(0x5f0a6c39, 12);
  bytes.writeUInt32LE(length, 16);
  let sum = 0;
  for (let at = 0; at < length; at += 4) sum = (sum + bytes.readUInt32LE(at)) % 2 ** 32;
  bytes.writeUInt32LE(sum, 12);
  bytes.writeUInt32BE(0xd00dfeed, 32 * 1024);
  return bytes;
}

/** A zImage's header and table in front of nothing: `inflated` bytes once decompressed. */
export function fakeKernel(size = 6 * MiB, inflated = 14 * MiB, bss = MiB): Buffer {
  const bytes = Buffer.alloc(size, 0xa5);
  const words: readonly (readonly [number, number])[] = [
    [0x24, 0x016f2818],
    [0x28, 0],
    [0x2c, size],
    [0x30, 0x04030201],
    [0x34, 0x45454545],
    [0x38, 0x100],
    [0x100, 6],
    [0x104, 0x5a534c4b],
    [0x108, size - 4],
    [0x10c, bss],
    [0x110, 0x8000],
    [0x114, 0x10000],
    [size - 4, inflated],
  ];
  for (const [at, word] of words) bytes.writeUInt32LE(word, at);
  return bytes;
}

/** The smallest flattened device tree: a root node with nothing in it. */
export function fakeTree(): Buffer {
  const bytes = Buffer.alloc(72);
  const words = [0xd00dfeed, 72, 56, 72, 40, 17, 16, 0, 0, 16, 0, 0, 0, 0, 1, 0, 2, 9];
  words.forEach((word, index) => {
    bytes.writeUInt32BE(word, index * 4);
  });
  return bytes;
}
