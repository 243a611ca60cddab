import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Board } from "../../src/board/board.js";
import { listBoards, loadBoard } from "../../src/board/load.js";
import { nodeFiles } from "../../src/cli/node-files.js";
import { plain } from "../../src/diagnostic/placed.js";
import { parseYaml } from "../../src/diagnostic/yaml.js";
import { type Upstream, upstream } from "../rig/upstream.js";

const home = join(import.meta.dirname, "../..");
const homes = { cwd: home, home };
const scratch: string[] = [];

/** Folder with the wanted files of a tarball. */
function tree(given: string, wanted: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "boardsmith-facts-"));
  scratch.push(folder);
  const members = wanted.map((path) => `*/${path}`);
  execFileSync("tar", ["-xf", given, "-C", folder, "--strip-components=1", "--wildcards", ...members]);
  return folder;
}

describe("every board fact is what U-Boot's and Linux' own trees say", async () => {
  const names = await listBoards(nodeFiles(), homes);
  let uboot: string;
  let linux: string;
  let sources: Upstream;
  beforeAll(async () => {
    sources = await upstream();
    uboot = tree(sources.uboot, [
      "configs/*_defconfig",
      "include/configs/sunxi-common.h",
      "arch/arm/mach-sunxi/Kconfig",
      "arch/arm/mach-sunxi/dram_sun4i.c",
      "board/sunxi/dram_sun4i_auto.c",
      "common/spl/Kconfig",
      "doc/board/allwinner/sunxi.rst",
    ]);
    linux = tree(sources.linux, ["arch/arm/boot/dts/allwinner/*"]);
  });
  afterAll(async () => {
    for (const folder of scratch) rmSync(folder, { recursive: true });
    await sources?.[Symbol.asyncDispose]();
  });

  const u = (path: string) => readFileSync(join(uboot, path), "utf8");
  const l = (path: string) => readFileSync(join(linux, "arch/arm/boot/dts", path), "utf8");
  const load = async (name: string): Promise<Board> => {
    const { board } = await loadBoard(name, nodeFiles(), homes);
    if (!board) throw new Error(`${name} does not load`);
    return board;
  };
  /** U-Boot's symbol for a SoC: from sun8i on a family has several. */
  const machine = ({ soc }: Board): string =>
    `MACH_${soc.family.toUpperCase()}${soc.family === "sun8i" ? `_${soc.name}` : ""}`;
  /** A SoC's device tree source with the one that it shares with others. */
  const dtsi = ({ soc }: Board): string => {
    const own = l(`allwinner/${soc.family}-${soc.name.toLowerCase()}.dtsi`);
    const shared = /#include "(sunxi-h3-h5\.dtsi)"/.exec(own)?.[1];
    return shared === undefined ? own : own + l(`allwinner/${shared}`);
  };
  /** The lines of one `config NAME` block of a Kconfig file. */
  const kconfig = (file: string, symbol: string): string =>
    new RegExp(`^config ${symbol}\\n((?:[ \\t].*\\n|\\n)*)`, "m").exec(u(file))?.[1] ?? "";
  /** Load addresses of the branch for boards with at least 256 MB, as offsets from DRAM's base. */
  const memoryLayout = (): Readonly<Record<string, number>> => {
    const header = u("include/configs/sunxi-common.h");
    const start = header.indexOf("#elif (CONFIG_SUNXI_MINIMUM_DRAM_MB >= 256)");
    expect(start).toBeGreaterThan(0);
    const branch = header.slice(start, header.indexOf("#elif", start + 5));
    const found = [...branch.matchAll(/#define (\w+)_ADDR_R\s+__stringify\(SDRAM_OFFSET\((\w+)\)\)/g)];
    return Object.fromEntries(found.map(([, name = "", digits]) => [name, Number.parseInt(`4${digits}`, 16)]));
  };

  test.each(names)("%s: defconfig, its device tree and its SoC", async (name) => {
    const board = await load(name);
    expect(readdirSync(join(uboot, "configs"))).toContain(board.uboot.defconfig);
    const defconfig = u(`configs/${board.uboot.defconfig}`);
    expect(defconfig).toContain(`CONFIG_DEFAULT_DEVICE_TREE="${basename(board.kernel.dtb, ".dtb")}"\n`);
    expect(defconfig).toContain(`CONFIG_${machine(board)}=y\n`);
    expect(defconfig).toContain("CONFIG_SPL=y\n");
    // Nothing in the defconfig moves what the SoC's file says about addresses.
    expect(defconfig).not.toMatch(/CONFIG_SUNXI_MINIMUM_DRAM_MB|CONFIG_TEXT_BASE|SYS_MMCSD_RAW_MODE/);
  });

  test.each(names)("%s: model, compatible, console", async (name) => {
    const board = await load(name);
    const dts = l(board.kernel.dtb.replace(/\.dtb$/, ".dts"));
    const { root } = parseYaml(name, readFileSync(join(home, "boards", `${name}.yaml`), "utf8"));
    const said = root && (plain(root) as { model: string; compatible: string });
    expect(dts).toContain(`model = "${said?.model}";`);
    expect(dts).toMatch(
      new RegExp(
        `compatible = "${said?.compatible}", "allwinner,${board.soc.family}-${board.soc.name.toLowerCase()}";`,
      ),
    );
    expect(board.console.device).toBe("ttyS0");
    expect(dts).toContain("serial0 = &uart0;");
    expect(dts).toContain(`stdout-path = "serial0:${board.console.baud}n8";`);
    expect(u("include/configs/sunxi-common.h")).toContain(`"console=${board.console.device},${board.console.baud}\\0"`);
  });

  test.each(names)("%s: an Ethernet port that U-Boot and the kernel drive, or none", async (name) => {
    const board = await load(name);
    const driver = /^CONFIG_(SUN4I_EMAC|SUN7I_GMAC|SUN8I_EMAC)=y$/m.test(u(`configs/${board.uboot.defconfig}`));
    const port = /^&(?:emac|gmac) \{[^}]*status = "okay";/m.test(l(board.kernel.dtb.replace(/\.dtb$/, ".dts")));
    expect([driver, port]).toEqual([board.ethernet === "eth0", board.ethernet === "eth0"]);
  });

  test.each(names)("%s: cores", async (name) => {
    const board = await load(name);
    const { soc } = board;
    const cpus = [...dtsi(board).matchAll(/cpu@\d+ \{[^}]*?compatible = "arm,([a-z0-9-]+)"/g)];
    expect(cpus.map((match) => match[1])).toEqual(Array.from({ length: soc.cores }, () => soc.core));
    const selects = kconfig("arch/arm/mach-sunxi/Kconfig", machine(board));
    expect(selects).toContain("select CPU_V7A");
    expect(/select CPU_V7_HAS_VIRT\n/.test(selects)).toBe(soc.virtualization);
    // Of these cores, those with the virtualization extensions are those with long page tables (Arm DDI 0406C, A1.3).
    expect(soc.lpae).toBe(soc.virtualization);
  });

  test.each(names)("%s: its UART", async (name) => {
    const board = await load(name);
    const [, address, body] = /uart0: serial@([0-9a-f]+) \{([^}]*)\}/.exec(dtsi(board)) ?? [];
    expect(Number(`0x${address}`)).toBe(board.uart?.base);
    // Linux and Xen drive it as an 8250 (their drivers for snps,dw-apb-uart).
    expect(body).toContain('compatible = "snps,dw-apb-uart";');
    expect(board.uart?.driver).toBe("8250");
    expect(body).toContain(`reg-shift = <${board.uart?.regShift}>;`);
  });

  test.each(names)("%s: DRAM base, load addresses, what U-Boot keeps for itself", async (name) => {
    const board = await load(name);
    const header = u("include/configs/sunxi-common.h");
    const bases = [...header.matchAll(/#define CFG_SYS_SDRAM_BASE\s+(0x[0-9a-f]+)/gi)].map((match) => Number(match[1]));
    // The last of the three branches is for all but sun9i and suniv.
    expect(bases.at(-1)).toBe(board.dram.base);
    expect(kconfig("arch/arm/mach-sunxi/Kconfig", "SUNXI_MINIMUM_DRAM_MB")).toMatch(/^\tdefault 256$/m);
    const layout = memoryLayout();
    expect(board.load).toEqual({
      kernel: layout.KERNEL,
      fdt: layout.FDT,
      script: layout.SCRIPT,
      ramdisk: layout.RAMDISK,
    });
    const [, heap, rest] = /minus (\d+)MB heap \+ (\d+)MB for u-boot, stack, fb, etc\./.exec(header) ?? [];
    const top = (Number(heap) + Number(rest)) * 1024 ** 2;
    const end = board.dram.base + board.dram.size;
    expect(board.reserved.map(({ start, size }) => ({ start, size }))).toEqual([{ start: end - top, size: top }]);
  });

  test.each(names)("%s: SPL's place and size on the card", async (name) => {
    const { spl } = await load(name);
    const [, sector, kib] = /boot image at sector (\d+) \((\d+)KB\)/.exec(u("doc/board/allwinner/sunxi.rst")) ?? [];
    expect(spl.offset).toBe(Number(sector) * 512);
    expect(spl.offset).toBe(Number(kib) * 1024);
    const [, limit] =
      /default (0x\w+) if SUNXI_SRAM_ADDRESS = 0x0\n/.exec(kconfig("common/spl/Kconfig", "SPL_MAX_SIZE")) ?? [];
    const [, header] = /default (0x\w+) if ARCH_SUNXI\n/.exec(kconfig("common/spl/Kconfig", "SPL_TEXT_BASE")) ?? [];
    expect(spl.maxSize).toBe(Number(limit) + Number(header));
    const parts = u("include/configs/sunxi-common.h");
    const [, start, first] = /name=loader1,start=(\d+)k,size=(\d+)k/.exec(parts) ?? [];
    const [, second] = /name=loader2,size=(\d+)k/.exec(parts) ?? [];
    expect(spl.reserved).toBe((Number(start) + Number(first) + Number(second)) * 1024);
  });

  test("SPL finds DRAM's size itself, so boards that differ in it share a defconfig", async () => {
    expect(u("board/sunxi/dram_sun4i_auto.c")).toMatch(/\.size = 0,/);
    expect((await load("mk802")).uboot).toEqual((await load("mk802-1gb")).uboot);
    expect((await load("cubieboard")).uboot).toEqual((await load("cubieboard-512")).uboot);
  });
});
