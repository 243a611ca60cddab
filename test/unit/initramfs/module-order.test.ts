import { describe, expect, it } from "vitest";
import { moduleName, moduleOrder, parseModuleIndex } from "../../../src/initramfs/module-order.js";

const FILES: Readonly<Record<string, string>> = {
  "modules.dep": `kernel/fs/ext4/ext4.ko.xz: kernel/lib/crc16.ko.xz kernel/fs/mbcache.ko.xz kernel/fs/jbd2/jbd2.ko.xz
kernel/fs/jbd2/jbd2.ko.xz: kernel/lib/crc16.ko.xz
kernel/fs/mbcache.ko.xz:
kernel/lib/crc16.ko.xz:
kernel/crypto/crc32c_generic.ko.xz:
kernel/arch/arm/crypto/crc32-arm-ce.ko.xz: kernel/crypto/cryptd.ko.xz
kernel/crypto/cryptd.ko.xz:
kernel/drivers/mmc/host/sunxi-mmc.ko.xz: kernel/drivers/mmc/core/mmc_core.ko.xz
kernel/drivers/mmc/core/mmc_core.ko.xz:
kernel/drivers/mmc/core/mmc_block.ko.xz: kernel/drivers/mmc/core/mmc_core.ko.xz
`,
  "modules.builtin": "kernel/drivers/i2c/busses/i2c-mv64xxx.ko\nkernel/fs/fat/fat.ko\n",
  "modules.softdep":
    "# Soft dependencies extracted from modules themselves.\nsoftdep ext4 pre: crc32c\nsoftdep mmc_block post: sunxi_mmc nowhere\n",
  "modules.alias":
    "alias crc32c crc32c_generic\nalias crc32c crc32_arm_ce\nalias of:N*T*Callwinner,sun4i-a10-mmc sunxi_mmc\n",
};
const index = parseModuleIndex((file) => FILES[file]);
const paths = (...wanted: string[]) => moduleOrder(index, wanted).load.map(({ path }) => path.replace(/^.*\//, ""));

describe("the order of modules", () => {
  it("knows a module by each of its names", () => {
    expect(
      ["sunxi-mmc", "sunxi_mmc", "kernel/drivers/mmc/host/sunxi-mmc.ko.zst", "sunxi-mmc.ko"].map(moduleName),
    ).toEqual(Array(4).fill("sunxi_mmc"));
  });

  it("puts what a module needs in front of it, each once, also what it asks for softly", () => {
    expect(paths("ext4")).toEqual([
      "crc32c_generic.ko.xz",
      "cryptd.ko.xz",
      "crc32-arm-ce.ko.xz",
      "crc16.ko.xz",
      "jbd2.ko.xz",
      "mbcache.ko.xz",
      "ext4.ko.xz",
    ]);
    expect(paths("sunxi-mmc", "mmc_block", "mmc_core")).toEqual([
      "mmc_core.ko.xz",
      "sunxi-mmc.ko.xz",
      "mmc_block.ko.xz",
    ]);
    expect(paths("mmc_block")).toEqual(["mmc_core.ko.xz", "mmc_block.ko.xz", "sunxi-mmc.ko.xz"]);
  });

  it("lets only what is asked for softly fail", () => {
    const optional = moduleOrder(index, ["ext4"]).load.filter((one) => one.optional);
    expect(optional.map(({ path }) => moduleName(path))).toEqual(["crc32c_generic", "cryptd", "crc32_arm_ce"]);
  });

  it("tells what is built in and what is nowhere", () => {
    expect(moduleOrder(index, ["i2c_mv64xxx", "fat", "dm-mod", "ext4"])).toMatchObject({
      builtin: ["i2c_mv64xxx", "fat"],
      missing: ["dm-mod"],
    });
  });

  it("ends where modules need each other", () => {
    const circle = parseModuleIndex((file) => (file === "modules.dep" ? "a.ko: b.ko\nb.ko: a.ko\n" : undefined));
    expect(moduleOrder(circle, ["a"]).load.map(({ path }) => path)).toEqual(["b.ko", "a.ko"]);
  });
});
