import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { listBoards, loadBoard } from "../../../src/board/load.js";
import { nodeFiles } from "../../../src/cli/node-files.js";
import type { Files } from "../../../src/diagnostic/files.js";
import { renderDiagnostics } from "../../../src/diagnostic/render.js";

const home = join(import.meta.dirname, "../../..");
const homes = { cwd: home, home };

/** A file system that is a map of paths to texts. */
function filesOf(texts: Readonly<Record<string, string>>): Files {
  return {
    text: async (path) => texts[path],
    stat: async (path) => (path in texts ? "file" : undefined),
    list: async (folder) =>
      Object.keys(texts)
        .filter((path) => path.startsWith(`${folder}/`) && !path.slice(folder.length + 1).includes("/"))
        .map((path) => path.slice(folder.length + 1)),
    digestFile: async () => "",
    digestTree: async () => ({ sha256: "", files: [] }),
  };
}

describe("boards", () => {
  test("the seven that are shipped", async () => {
    expect(await listBoards(nodeFiles(), homes)).toEqual([
      "cubieboard",
      "cubieboard-512",
      "cubieboard2",
      "cubietruck",
      "mk802",
      "mk802-1gb",
      "mk802ii",
    ]);
  });

  test("a board has its SoC's facts folded in", async () => {
    const { board, read } = await loadBoard("cubieboard-512", nodeFiles(), homes);
    expect(read).toEqual([join(home, "boards/cubieboard-512.yaml"), join(home, "boards/soc/sun4i-a10.yaml")]);
    expect(board).toMatchObject({
      name: "cubieboard-512",
      soc: { name: "A10", family: "sun4i", core: "cortex-a8", cores: 1, virtualization: false, lpae: false },
      dram: { base: 0x4000_0000, size: 512 * 1024 ** 2 },
      uboot: { defconfig: "Cubieboard_defconfig" },
      spl: { offset: 8192, maxSize: 24 * 1024, reserved: 1024 ** 2 },
      kernel: { arch: "arm", image: "zImage", dtb: "allwinner/sun4i-a10-cubieboard.dtb" },
      console: { device: "ttyS0", baud: 115200 },
      load: { kernel: 0x4200_0000, fdt: 0x4300_0000, script: 0x4310_0000, ramdisk: 0x4340_0000 },
      arch: { debian: "armhf", rpm: "armv7hl" },
      qemu: { machine: "cubieboard", memory: 512 * 1024 ** 2, until: "login" },
    });
    // U-Boot lies at the top of what DRAM there is.
    expect(board?.reserved).toEqual([
      { name: "U-Boot (code, 64 MiB heap, stack, framebuffer)", start: 0x5a00_0000, size: 0x600_0000 },
    ]);
  });

  test("A20 boards have virtualization, and the A10 machine of QEMU carries them to the kernel's start", async () => {
    for (const name of ["cubieboard2", "cubietruck"]) {
      const { board } = await loadBoard(name, nodeFiles(), homes);
      expect(board).toMatchObject({ soc: { cores: 2, virtualization: true, lpae: true }, qemu: { until: "kernel" } });
    }
  });
});

const SOC = `name: A10
family: sun4i
core: cortex-a8
cores: 1
virtualization: false
lpae: false
dram-base: 0x40000000
spl: { offset: 8KiB, max-size: 24KiB, reserved: 1MiB }
load: { kernel: 0x42000000, fdt: 0x43000000, script: 0x43100000, ramdisk: 0x43400000 }
reserved: []
kernel: { arch: arm, image: zImage }
arch: { debian: armhf, rpm: armv7hl }
origin: [here]
`;
const BOARD = `title: My board
soc: a10
dram: 512MiB
u-boot-defconfig: mine_defconfig
dtb: mine/mine.dtb
model: Mine
compatible: me,mine
console: { device: ttyS0, baud: 115200 }
origin: [my own]
`;

describe("a user's own board", () => {
  const own = (board: string) => filesOf({ "/u/boards/mine.yaml": board, "/h/boards/soc/a10.yaml": SOC });
  const message = async (board: string) => {
    const { board: loaded, diagnostics } = await loadBoard("mine", own(board), { cwd: "/u", home: "/h" });
    expect(loaded).toBeUndefined();
    return renderDiagnostics(diagnostics, { cwd: "/u" });
  };

  test("is found beside the shipped ones and may use their SoCs", async () => {
    expect(await listBoards(own(BOARD), { cwd: "/u", home: "/h" })).toEqual(["mine"]);
    const { board, diagnostics } = await loadBoard("mine", own(BOARD), { cwd: "/u", home: "/h" });
    expect(diagnostics).toEqual([]);
    expect(board).toMatchObject({ title: "My board", soc: { name: "A10" }, origin: ["my own", "here"] });
    expect(board).not.toHaveProperty("qemu");
  });

  test("an unknown SoC", async () => {
    expect(await message(BOARD.replace("soc: a10", "soc: a100"))).toBe(
      [
        'boards/mine.yaml:2:6: error: no system-on-chip is named "a100" [unknown-soc]',
        "  2 | soc: a100",
        "    |      ^^^^",
        '  help: did you mean "a10"?',
        "",
        "1 error",
      ].join("\n"),
    );
  });

  test("DRAM too small for the load addresses", async () => {
    expect(await message(BOARD.replace("512MiB", "51MiB"))).toBe(
      [
        "boards/mine.yaml:3:7: error: the load address of the ramdisk, 0x43400000, lies outside this DRAM [address-outside-dram]",
        "  3 | dram: 51MiB",
        "    |       ^^^^^",
        "",
        "1 error",
      ].join("\n"),
    );
  });

  test("an SPL that is told more DRAM than there is, and one that is told less", async () => {
    expect(await message(BOARD.replace("dram: 512MiB", "dram: 512MiB\nspl-dram: 1GiB"))).toBe(
      [
        "boards/mine.yaml:4:11: error: the SPL of mine_defconfig is told 1 GiB of DRAM, and the board has 512 MiB: it would set up what is not there [dram-exceeded]",
        "  4 | spl-dram: 1GiB",
        "    |           ^^^^",
        "  help: build U-Boot with the settings for 512 MiB, or with an SPL that finds the size itself",
        "",
        "1 error",
      ].join("\n"),
    );
    const less = BOARD.replace("dram: 512MiB", "dram: 1GiB\nspl-dram: 512MiB");
    const { board, diagnostics } = await loadBoard("mine", own(less), { cwd: "/u", home: "/h" });
    expect(board).toMatchObject({ dram: { size: 512 * 1024 ** 2 }, spl: { dram: 512 * 1024 ** 2 } });
    expect(renderDiagnostics(diagnostics, { cwd: "/u" })).toBe(
      [
        "boards/mine.yaml:4:11: warning: the SPL of mine_defconfig is told 512 MiB of DRAM, and the board has 1 GiB: the rest lies idle [dram-unused]",
        "  4 | spl-dram: 512MiB",
        "    |           ^^^^^^",
        "  help: build U-Boot with the settings for 1 GiB, or with an SPL that finds the size itself",
        "",
        "1 warning",
      ].join("\n"),
    );
  });

  test("a size that is none, and a key that is none, at once", async () => {
    expect(await message(BOARD.replace("512MiB", "plenty").replace("model:", "modle:"))).toBe(
      [
        "boards/mine.yaml:3:7: error: expected bytes with a unit, such as 512MiB [bad-value]",
        "  3 | dram: plenty",
        "    |       ^^^^^^",
        "",
        'boards/mine.yaml:6:1: error: unknown key "modle" [unknown-key]',
        "  6 | modle: Mine",
        "    | ^^^^^",
        '  help: did you mean "model"?',
        "",
        "2 errors",
      ].join("\n"),
    );
  });
});
