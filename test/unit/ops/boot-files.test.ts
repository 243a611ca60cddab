import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { StepFailed } from "../../../src/diagnostic/failure.js";
import { bootFiles } from "../../../src/ops/boot-files.js";
import type { Spec } from "../../../src/recipe/spec.js";
import { Tree } from "../../../src/rootfs/tree.js";
import { imageSteps } from "../../../src/steps/image.js";
import { ASSETS, CARD_IMAGE, cardSpec, fakeKernel, fakeTree } from "../../rig/card.js";
import { runOp } from "../../rig/op-run.js";
import { writeTar } from "../../rig/tar.js";
import { tempFolder } from "../../rig/temp-folder.js";
import { memory } from "../rootfs/rig.js";

const BOOT = { method: "extlinux", arguments: ["quiet"] } as const;
const TREE = "allwinner/sun4i-a10-cubieboard.dtb";

/** The op over a kernel that built these device trees; gives its output folder. */
async function make(trees: readonly string[], spec: Spec = cardSpec(), initramfs?: Buffer): Promise<string> {
  const folder = await tempFolder();
  const at = (name: string) => join(folder, name);
  writeFileSync(at("kernel"), fakeKernel());
  writeFileSync(at("release"), "6.12.0\n");
  await writeTar(
    at("dtbs"),
    trees.map((name) => ({ name, content: fakeTree() })),
  );
  if (initramfs) writeFileSync(at("initramfs"), initramfs);
  const action = imageSteps(spec, ASSETS).find(({ id }) => id === "boot-files")?.action;
  if (action?.kind !== "op") throw new Error("no op boot-files");
  const inputs = {
    kernel: at("kernel"),
    dtbs: at("dtbs"),
    release: at("release"),
    ...(initramfs ? { initramfs: at("initramfs") } : {}),
  };
  return (await runOp(bootFiles, { args: action.args, inputs, folder })).out;
}

test.each([TREE, "sun4i-a10-cubieboard.dtb"])("the board's device tree is found at %s", async (name) => {
  const out = await make(["allwinner/other.dtb", name]);
  expect(readFileSync(join(out, "boot")).includes("sun4i-a10-cubieboard.dtb")).toBe(true);
});

test("a kernel without the board's device tree is refused with those it has", async () => {
  const error = await make(["allwinner/sun4i-a10-mk802.dtb", "allwinner/sun7i-a20-cubietruck.dtb"]).catch((e) => e);
  expect(error).toBeInstanceOf(StepFailed);
  expect((error as StepFailed).diagnostics).toEqual([
    {
      severity: "error",
      code: "boot-no-device-tree",
      message: `the kernel comes without ${TREE}, which board "cubieboard" needs`,
      help: "it has allwinner/sun4i-a10-mk802.dtb; is the board's machine (CONFIG_MACH_…) switched on, and is the kernel new enough to know the board?",
    },
  ]);
});

describe("an initramfs", () => {
  const initramfs = Buffer.alloc(3_000_001, 7);

  test("is named in extlinux.conf and has its place in the boot map", async () => {
    const out = await make([TREE], cardSpec(CARD_IMAGE, BOOT), initramfs);
    const boot = readFileSync(join(out, "boot"));
    expect(boot.includes("  FDT /sun4i-a10-cubieboard.dtb\n  INITRD /initramfs\n  APPEND ")).toBe(true);
    expect(boot.includes(initramfs)).toBe(true);
    const { areas } = JSON.parse(readFileSync(join(out, "boot-map"), "utf8"));
    expect(areas.filter((one: { owner: string }) => one.owner === "ramdisk")).toMatchObject([
      { name: "the ramdisk (initramfs)", start: 0x43400000, size: 3_000_001, when: "loading" },
      { name: "the ramdisk, moved by U-Boot", start: 0x49d23000, size: 3_000_001, when: "starting" },
    ]);
  });

  test("is what a boot script loads last, so that its size is known", async () => {
    const boot = readFileSync(
      join(await make([TREE], cardSpec(CARD_IMAGE, { ...BOOT, method: "script" }), initramfs), "boot"),
    );
    const from = `load \${devtype} \${devnum}:\${distro_bootpart}`;
    expect(
      boot.includes(`${from} 0x42000000 \${prefix}zImage
${from} 0x43000000 \${prefix}sun4i-a10-cubieboard.dtb
${from} 0x43400000 \${prefix}initramfs
bootz 0x42000000 0x43400000:\${filesize} 0x43000000
`),
    ).toBe(true);
    const without = readFileSync(join(await make([TREE], cardSpec(CARD_IMAGE, { ...BOOT, method: "script" })), "boot"));
    expect(without.includes("bootz 0x42000000 - 0x43000000\n")).toBe(true);
  });

  test("that a small board cannot hold is refused", async () => {
    const error = await make([TREE], cardSpec(CARD_IMAGE, BOOT), Buffer.alloc(150 * 1024 ** 2)).catch((e) => e);
    expect((error as StepFailed).diagnostics.map(({ code }) => code)).toContain("boot-overlap");
  });
});

test("arguments that the booted system may change are in no script, which has a checksum", async () => {
  const root = { name: "root", content: "root", size: { rest: true }, label: "root" } as const;
  const group = { name: "pv", content: "lvm", size: root.size, group: "system", extentSize: 2 ** 22, volumes: [root] };
  const image = {
    ...CARD_IMAGE,
    partitions: [...CARD_IMAGE.partitions.slice(0, 1), { ...group, content: "lvm" as const }],
  };
  const out = await make([TREE], cardSpec(image, { method: "script", arguments: ["quiet"] }));
  const boot = Tree.of(memory(readFileSync(join(out, "boot"))), 0);
  expect(boot.text("boot.cmd")).toMatch(
    /^load \S+ \S+ 0x42000000 \$\{prefix\}arguments\.env\nenv import -t 0x42000000 \$\{filesize\} bootargs\nload .* 0x42000000 \$\{prefix\}zImage\n/,
  );
  expect(boot.text("arguments.env")).toMatch(
    /^bootargs=console=\S+ dm-mod\.create="system-root,LVM-\w{64},,rw,0 .*" .* rw quiet\n$/,
  );
});

describe("for a server", () => {
  const netboot = { root: "/srv/nfs/card", version: 3, options: [], interface: "eth0", clients: ["*"] } as const;
  const served = (boot: Spec["boot"]) => ({ ...cardSpec({ ...CARD_IMAGE, partitions: [] }, boot), netboot });

  test("extlinux.conf lies where U-Boot asks for it, and its names count from there", async () => {
    const boot = readFileSync(join(await make([TREE], served(BOOT)), "boot"));
    const tree = Tree.of(memory(boot), 0);
    expect([...tree.nodes()].map(({ path }) => path)).toEqual([
      "pxelinux.cfg",
      "zImage",
      "sun4i-a10-cubieboard.dtb",
      "pxelinux.cfg/default",
    ]);
    expect(tree.text("pxelinux.cfg/default")).toContain(`  KERNEL zImage
  FDT sun4i-a10-cubieboard.dtb
  APPEND console=ttyS0,115200 root=/dev/nfs nfsroot=/srv/nfs/card,vers=3,tcp,nolock ip=:::::eth0:dhcp rw quiet
`);
  });

  test("a boot script loads by TFTP", async () => {
    const boot = readFileSync(join(await make([TREE], served({ ...BOOT, method: "script" })), "boot"));
    const tree = Tree.of(memory(boot), 0);
    expect(tree.has("boot.scr.uimg")).toBe(true);
    const lines = (tree.text("boot.cmd") ?? "").split("\n");
    expect(lines[0]).toMatch(/^setenv bootargs '[^']* root=\/dev\/nfs [^']*'$/);
    expect(lines.slice(1)).toEqual([
      "tftpboot 0x42000000 zImage",
      "tftpboot 0x43000000 sun4i-a10-cubieboard.dtb",
      "bootz 0x42000000 - 0x43000000",
      "",
    ]);
  });
});
