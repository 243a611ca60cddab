import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { StepFailed } from "../../src/diagnostic/failure.js";
import type { Engine } from "../../src/engine/engine.js";
import { type CpioEntry, cpio } from "../../src/initramfs/cpio.js";
import { initramfs } from "../../src/ops/initramfs.js";
import { prebuiltKernel } from "../../src/ops/prebuilt-kernel.js";
import type { Step } from "../../src/plan/step.js";
import type { ImageSpec, KernelSpec, Spec } from "../../src/recipe/spec.js";
import { initramfsSteps } from "../../src/steps/initramfs.js";
import { kernelSteps } from "../../src/steps/kernel.js";
import { BUILD, IMAGE } from "../../src/steps/tools.js";
import { ASSETS, CARD_IMAGE, cardSpec, fakeKernel } from "../rig/card.js";
import { fakeElf } from "../rig/elf.js";
import { engineWith, runOp } from "../rig/op-run.js";
import { shell } from "../rig/shell.js";
import { writeTar } from "../rig/tar.js";

const RELEASE = "5.4.3-vendor";
const TREE = "allwinner/sun4i-a10-cubieboard.dtb";
const CONFIG = readFileSync(join(import.meta.dirname, "../../src/steps/lvm2.config"), "utf8");
const FITTING = `${CONFIG}CONFIG_MACH_SUN4I=y\nCONFIG_MODULES=y\nCONFIG_RD_ZSTD=y\n`;
const folder = mkdtempSync(join(tmpdir(), "boardsmith-prebuilt-"));
const at = (...names: string[]) => join(folder, ...names);
let engine: Engine;
let count = 0;

/** A zImage that says its version in clear, and perhaps its configuration as CONFIG_IKCONFIG keeps it. */
function kernel(release = RELEASE, config?: string): Buffer {
  const bytes = fakeKernel(1024 * 1024);
  bytes.write(`Linux version ${release} (x@y) #1`, 0x1000, "latin1");
  if (config !== undefined) Buffer.concat([Buffer.from("IKCFG_ST"), gzipSync(config)]).copy(bytes, 0x2000);
  return bytes;
}

/** Modules that depmod reads: a.ko is there in two ways of packing, ext4 asks for a symbol of jbd2. */
async function makeModules(): Promise<void> {
  const source = `
mkdir -p /t/modules/kernel/fs; cd /t/modules/kernel/fs
module() { # NAME CODE
  printf '%s\\n__attribute__((section(".modinfo"))) const char info[] = "license=GPL\\\\0softdep=%s\\\\0";\\n' "$2" "$3" >/work/m.c
  arm-linux-gnueabihf-gcc -fno-common -c -o $1.ko /work/m.c
}
module jbd2 'int jbd2_journal(void) { return 1; } extern const int __ksymtab_x; __attribute__((section("__ksymtab_strings"))) const char name[] = "jbd2_journal"; const char __ksymtab_jbd2_journal[] __attribute__((section("__ksymtab"))) = "x";' ''
module ext4 'extern int jbd2_journal(void); int go(void) { return jbd2_journal(); }' 'pre: crc32c'
module sunxi-mmc 'int host(void) { return 1; }' ''
module crc32c 'int crc(void) { return 1; }' ''
xz -9 ext4.ko; zstd -q --rm jbd2.ko; gzip -n crc32c.ko
cd ../..; echo kernel/drivers/mmc/core/mmc_block.ko >modules.builtin; : >modules.order
chmod -R a+rX /t/modules`;
  const { code, lines } = await shell(engine, BUILD, folder, `set -eu\n${source}`);
  expect(code, lines.join("\n")).toBe(0);
}

const MODULES = [
  "kernel/fs/jbd2.ko.zst",
  "kernel/fs/ext4.ko.xz",
  "kernel/fs/sunxi-mmc.ko",
  "kernel/fs/crc32c.ko.gz",
  "modules.builtin",
  "modules.order",
];
const moduleFiles = (prefix: string): { name: string; content: Buffer }[] =>
  MODULES.map((name) => ({ name: `${prefix}/${name}`, content: readFileSync(at("t/modules", name)) }));

beforeAll(async () => {
  engine = await engineWith(BUILD, IMAGE);
  await makeModules();
});
afterAll(async () => {
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

function spec(kernel: KernelSpec, over: Partial<Spec> = {}): Spec {
  return {
    ...cardSpec(),
    kernel,
    boot: { method: "extlinux", arguments: [], initramfs: { busybox: "busybox" } },
    ...over,
  };
}

/** Runs a step's op with the step's own texts and the given files as inputs. */
async function perform(op: typeof prebuiltKernel, step: Step | undefined, files: Readonly<Record<string, string>>) {
  const place = at(`run-${count++}`);
  mkdirSync(join(place, "texts"), { recursive: true });
  const texts = (step?.inputs ?? []).flatMap(({ name, from }) => {
    if (!("text" in from)) return [];
    writeFileSync(join(place, "texts", name), from.text);
    return [[name, join(place, "texts", name)] as const];
  });
  if (step?.action.kind !== "op") throw new Error("no op");
  const { args, tools, scripts } = step.action;
  const inputs = { ...Object.fromEntries(texts), ...files };
  const { out, log } = await runOp(op, { args, tools, scripts, engine, inputs, folder: place });
  return { out: (name: string) => join(out, name), log };
}

const take = (said: Partial<Extract<KernelSpec, { kind: "prebuilt" }>>, ...parts: string[]) => {
  const sources = parts.map((_, index) => `vendor${index}`);
  const kernel = { kind: "prebuilt", role: "kernel", sources, paths: {}, ...said } as const;
  const files = Object.fromEntries(parts.map((path, index) => [`part-${index}`, path]));
  return perform(prebuiltKernel, kernelSteps(spec(kernel), ASSETS)[0], files);
};

/** The one diagnostic a step ends with, as code, message and help. */
async function refusal(run: Promise<unknown>): Promise<readonly (string | undefined)[]> {
  const error = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(StepFailed);
  return (error as StepFailed).diagnostics.flatMap(({ code, message, help }) => [code, message, help]);
}

async function list(tar: string): Promise<readonly string[]> {
  writeFileSync(at("t/list.tar"), readFileSync(tar));
  const { lines } = await shell(engine, BUILD, folder, "tar -tf /t/list.tar");
  return lines.map((name) => name.replace(/^\.\//, ""));
}

const tarball = async (name: string, entries: Parameters<typeof writeTar>[1]): Promise<string> => {
  await writeTar(at(name), entries);
  return at(name);
};

describe("a kernel that somebody else built", () => {
  it("is taken from a tarball, its configuration out of the image", async () => {
    const path = await tarball("vendor.tar", [
      { name: "kernel/zImage", content: kernel(RELEASE, FITTING) },
      { name: `kernel/dtbs/${TREE}`, content: "tree" },
      { name: "kernel/dtbs/nxp/other.dtb", content: "tree" },
      ...moduleFiles(`kernel/lib/modules/${RELEASE}`),
      { name: `kernel/lib/modules/${RELEASE}/build`, type: "symlink", linkname: "/home/vendor/linux" },
    ]);
    const { out, log } = await take({}, path);
    expect(readFileSync(out("release"), "utf8")).toBe(`${RELEASE}\n`);
    expect(readFileSync(out("kernel")).equals(kernel(RELEASE, FITTING))).toBe(true);
    expect(readFileSync(out("config"), "utf8")).toBe(FITTING);
    expect(await list(out("dtbs"))).toEqual(["allwinner/", TREE, "nxp/", "nxp/other.dtb"]);
    const modules = await list(out("modules"));
    expect(modules).toContain(`lib/modules/${RELEASE}/modules.dep`);
    expect(modules).toContain(`lib/modules/${RELEASE}/kernel/fs/ext4.ko.xz`);
    expect(modules, "a gzipped one is unpacked").toContain(`lib/modules/${RELEASE}/kernel/fs/crc32c.ko`);
    expect(modules.filter((name) => /build|source/.test(name))).toEqual([]);
    expect(log.filter((line) => line.startsWith("warning"))).toEqual([]);
  });

  it("is taken from an .rpm and a .deb together", async () => {
    const entries: CpioEntry[] = [
      { path: `./usr/lib/modules/${RELEASE}/zImage`, mode: 0o644, what: { file: kernel() } },
      { path: `./usr/lib/modules/${RELEASE}/config`, mode: 0o644, what: { file: Buffer.from(FITTING) } },
      ...moduleFiles(`./usr/lib/modules/${RELEASE}`).map(({ name, content }) => ({
        path: name,
        mode: 0o644,
        what: { file: content },
      })),
    ];
    const folders = new Set(
      entries.flatMap(({ path }) =>
        path
          .split("/")
          .slice(1, -1)
          .map((_, i) =>
            path
              .split("/")
              .slice(0, i + 2)
              .join("/"),
          ),
      ),
    );
    const tree = [...folders].map((path): CpioEntry => ({ path, mode: 0o755, what: { folder: true } }));
    writeFileSync(at("kernel.rpm"), rpm(cpio([...tree, ...entries], 1)));
    writeFileSync(at("t/sun4i-a10-cubieboard.dtb"), "tree");
    const { code } = await shell(
      engine,
      BUILD,
      folder,
      `mkdir -p /work/d/DEBIAN /work/d/boot/dtb-${RELEASE}; cp /t/*.dtb /work/d/boot/dtb-${RELEASE}
printf 'Package: dtbs\\nVersion: 1\\nArchitecture: armhf\\nMaintainer: x <x@example.org>\\nDescription: x\\n' >/work/d/DEBIAN/control
dpkg-deb -b /work/d /t/dtbs.deb; chmod a+r /t/dtbs.deb`,
    );
    expect(code).toBe(0);
    const { out } = await take({}, at("kernel.rpm"), at("t/dtbs.deb"));
    expect(readFileSync(out("release"), "utf8")).toBe(`${RELEASE}\n`);
    expect(readFileSync(out("config"), "utf8")).toBe(FITTING);
    expect(await list(out("dtbs"))).toEqual(["sun4i-a10-cubieboard.dtb"]);
    expect(await list(out("modules"))).toContain(`lib/modules/${RELEASE}/kernel/fs/jbd2.ko.zst`);
  });

  it("comes out of the root filesystem where its package is there, at the same bytes each time", async () => {
    const rootfs = await tarball("rootfs.tar", [
      { name: "./", type: "directory", mode: 0o755 },
      { name: "./lib", type: "symlink", linkname: "usr/lib" },
      { name: `./boot/vmlinuz-${RELEASE}`, content: kernel() },
      { name: `./boot/config-${RELEASE}`, content: FITTING.replace("CONFIG_DM_INIT=y", "# CONFIG_DM_INIT is not set") },
      { name: `./usr/lib/linux-image-${RELEASE}/${TREE}`, content: "tree" },
      ...moduleFiles(`./usr/lib/modules/${RELEASE}`),
      { name: "./vmlinuz", type: "symlink", linkname: `boot/vmlinuz-${RELEASE}` },
    ]);
    const packaged = { kind: "package", role: "kernel", package: "linux-image-vendor" } as const;
    const [step] = kernelSteps(spec(packaged), ASSETS);
    const [one, two] = [
      await perform(prebuiltKernel, step, { rootfs }),
      await perform(prebuiltKernel, step, { rootfs }),
    ];
    expect(await list(one.out("dtbs"))).toEqual(["allwinner/", TREE]);
    expect(one.log).toContain(
      "warning: the kernel of package linux-image-vendor has no CONFIG_DM_INIT, which a kernel compiled for lvm2 would have",
    );
    for (const output of step?.outputs ?? []) {
      expect(readFileSync(one.out(output.name)).equals(readFileSync(two.out(output.name))), output.name).toBe(true);
    }
  });

  const good = () => [
    { name: "zImage", content: kernel() },
    { name: "one.dtb", content: "tree" },
    ...moduleFiles(`lib/modules/${RELEASE}`),
  ];

  it("is refused when image and modules are of two versions", async () => {
    const path = await tarball("two.tar", [...good().slice(1), { name: "zImage", content: kernel("5.4.4-vendor") }]);
    expect(await refusal(take({}, path))).toEqual([
      "modules-mismatch",
      `the kernel image of source vendor0 calls itself 5.4.4-vendor, and its modules are those of ${RELEASE}`,
      "take image and modules from one build",
    ]);
  });

  it("is refused without an image, and with several", async () => {
    const none = await tarball("none.tar", [...good().slice(1), { name: "boot/vmlinuz-6", content: "MZ" }]);
    expect(await refusal(take({}, none))).toEqual([
      "kernel-no-image",
      "source vendor0 brings no ARM zImage",
      "boot/vmlinuz-6 is none",
    ]);
    const two = await tarball("several.tar", [...good(), { name: "old/zImage", content: kernel("4.9") }]);
    expect(await refusal(take({}, two))).toEqual([
      "kernel-many-images",
      "source vendor0 brings several kernels: zImage, old/zImage",
      "name one of them as `kernel: image:`",
    ]);
    const { out } = await take({ paths: { image: "zImage" } }, two);
    expect(readFileSync(out("release"), "utf8")).toBe(`${RELEASE}\n`);
  });

  it("is refused without device trees, without the modules it has, and with a path that is not there", async () => {
    const bare = await tarball(
      "bare.tar",
      good().filter(({ name }) => name !== "one.dtb"),
    );
    expect(await refusal(take({}, bare))).toEqual([
      "kernel-no-device-trees",
      "source vendor0 brings no device trees (*.dtb)",
      "give their package as well (`prebuilt: [KERNEL, DTBS]`), or name their folder as `dtbs:`",
    ]);
    const alone = await tarball("alone.tar", [
      { name: "zImage", content: kernel(RELEASE, FITTING) },
      { name: "one.dtb", content: "tree" },
    ]);
    expect((await refusal(take({}, alone))).slice(0, 2)).toEqual([
      "kernel-no-modules",
      `source vendor0 brings no modules for its kernel ${RELEASE}`,
    ]);
    expect(await refusal(take({ paths: { image: "zimage" } }, alone))).toEqual([
      "kernel-no-such-path",
      "source vendor0 has no zimage, which `kernel: image:` names",
      'did you mean "zImage"?',
    ]);
  });

  it("is refused when its configuration cannot drive the board, and doubted when it has none", async () => {
    const lpae = await tarball("lpae.tar", [...good(), { name: "config", content: `${FITTING}CONFIG_ARM_LPAE=y\n` }]);
    expect((await refusal(take({}, lpae))).slice(0, 2)).toEqual([
      "no-lpae",
      "the kernel of source vendor0 has CONFIG_ARM_LPAE and does not start on cubieboard: cortex-a8 has no long page tables",
    ]);
    const { out, log } = await take({}, await tarball("unknown.tar", good()));
    expect(log).toContain(
      "warning: source vendor0 does not say how its kernel was configured, so whether it fits board and lvm2 was not checked",
    );
    expect(readFileSync(out("config"), "utf8")).toBe(
      "# The kernel of source vendor0 came without its configuration.\n",
    );
  });
});

describe("an initramfs", () => {
  const kernelSpec = { kind: "prebuilt", role: "kernel", sources: ["vendor0"], paths: {} } as const;

  const ON_VOLUME: ImageSpec = {
    ...CARD_IMAGE,
    partitions: [
      {
        name: "pv",
        content: "lvm",
        size: { rest: true },
        group: "system",
        extentSize: 4 * 1024 ** 2,
        volumes: [{ name: "root", content: "root", size: { rest: true }, label: "root" }],
      },
    ],
  };

  async function pack(config = FITTING, image = CARD_IMAGE, withLvm = true) {
    const path = await tarball("full.tar", [
      { name: "zImage", content: kernel(RELEASE, config) },
      { name: "one.dtb", content: "tree" },
      ...moduleFiles(`lib/modules/${RELEASE}`),
    ]);
    const taken = await perform(prebuiltKernel, kernelSteps(spec(kernelSpec, { lvm: false }), ASSETS)[0], {
      "part-0": path,
    });
    const busybox = await tarball("busybox.tar", [{ name: "bin/busybox", content: "static", mode: 0o755 }]);
    const lvm = fakeElf({ bits: 32, loader: "/lib/ld-linux-armhf.so.3", libraries: ["libdevmapper.so.1.02.1"] });
    const rootfs = await tarball("lvm.tar", [
      { name: "lib", type: "symlink", linkname: "usr/lib" },
      ...(withLvm ? [{ name: "usr/sbin/lvm", content: lvm, mode: 0o755 }] : []),
      { name: "usr/lib/ld-linux-armhf.so.3", content: "loader", mode: 0o755 },
      { name: "usr/lib/arm-linux-gnueabihf/libdevmapper.so.1.02.1", content: "library" },
    ]);
    const files = Object.fromEntries(["modules", "release", "config"].map((name) => [name, taken.out(name)]));
    const step = initramfsSteps(spec(kernelSpec, { image }), ASSETS).find(({ id }) => id === "initramfs");
    return perform(initramfs, step, { ...files, busybox, rootfs });
  }

  /** What cpio itself finds, and a file's content. */
  async function unpack(path: string, tool: string): Promise<readonly string[]> {
    writeFileSync(at("t/initramfs"), readFileSync(path));
    const script = `${tool} -dc </t/initramfs >/work/cpio; cpio -itv --quiet </work/cpio | awk '{ print $1, $9, $10, $11 }' | sed 's/ *$//'
mkdir /work/i; cd /work/i; cpio -id --quiet </work/cpio; sed 's/^/list: /' etc/modules; cat etc/root.conf
for m in lib/modules/*.ko; do od -An -tx1 -N4 $m; done`;
    const { code, lines } = await shell(engine, BUILD, folder, script);
    expect(code, lines.join("\n")).toBe(0);
    return lines;
  }

  it("is a cpio archive with the modules that card and filesystem need, in order, at the same bytes each time", async () => {
    const [one, two] = [await pack(), await pack()];
    expect(readFileSync(one.out("initramfs")).equals(readFileSync(two.out("initramfs")))).toBe(true);
    const lines = await unpack(one.out("initramfs"), "zstd");
    expect(lines).toContain("-rwxr-xr-x init");
    expect(lines).toContain("lrwxrwxrwx bin/sh -> busybox");
    expect(lines.filter((line) => line.startsWith("list: "))).toEqual([
      "list: /lib/modules/sunxi-mmc.ko",
      "list: /lib/modules/crc32c.ko optional",
      "list: /lib/modules/jbd2.ko",
      "list: /lib/modules/ext4.ko",
    ]);
    // Each is an ELF file again.
    expect(lines.filter((line) => line === " 7f 45 4c 46")).toHaveLength(4);
    expect(lines).toContain("type=ext4");
    expect(one.log.at(-1)).toContain("built in: mmc_block");
  });

  it("is packed as the kernel can unpack it", async () => {
    const gzip = FITTING.replace("CONFIG_RD_ZSTD=y", "# CONFIG_RD_ZSTD is not set");
    expect(readFileSync((await pack(gzip)).out("initramfs")).subarray(0, 3)).toEqual(Buffer.from([0x1f, 0x8b, 8]));
    const plain = gzip.replace("CONFIG_RD_GZIP=y", "");
    expect(readFileSync((await pack(plain)).out("initramfs")).toString("latin1", 0, 6)).toBe("070701");
  });

  it("brings lvm from the root filesystem where that lies on a volume, or says that there is none", async () => {
    const mapper = `${FITTING}CONFIG_X=y\n`;
    const missing = [
      "initramfs-no-driver",
      `kernel ${RELEASE} has no dm-mod, neither built in nor as a module, and the root filesystem needs it`,
      undefined,
    ];
    expect(await refusal(pack(mapper, ON_VOLUME))).toEqual(missing);
    writeFileSync(
      at("t/modules/modules.builtin"),
      "kernel/drivers/mmc/core/mmc_block.ko\nkernel/drivers/md/dm-mod.ko\n",
    );
    const lines = await unpack((await pack(mapper, ON_VOLUME)).out("initramfs"), "zstd");
    expect(lines).toContain("-rwxr-xr-x usr/sbin/lvm");
    expect(lines).toContain("-rwxr-xr-x lib/arm-linux-gnueabihf/libdevmapper.so.1.02.1");
    expect(lines).toContain("volume=system/root");
    expect((await refusal(pack(mapper, ON_VOLUME, false))).slice(0, 2)).toEqual([
      "initramfs-no-lvm",
      "the root filesystem has no usr/sbin/lvm, and the initramfs needs it to activate the root volume",
    ]);
  });

  it("is refused by a kernel that starts none", async () => {
    const found = await refusal(pack(FITTING.replace("CONFIG_BINFMT_SCRIPT=y", "")));
    expect(found).toEqual([
      "initramfs-unsupported",
      `kernel ${RELEASE} has no CONFIG_BINFMT_SCRIPT=y, which an initramfs needs`,
      "ask for it in a fragment, or say `boot: { initramfs: none }`",
    ]);
  });
});

/** The least of an .rpm around a payload: a lead, two headers with one entry each, and the payload gzipped. */
function rpm(payload: Buffer): Buffer {
  const header = (data: number): Buffer => {
    const bytes = Buffer.alloc(16 + 16 + data);
    bytes.writeUInt32BE(0x8eade801, 0);
    bytes.writeUInt32BE(1, 8);
    bytes.writeUInt32BE(data, 12);
    return bytes;
  };
  const lead = Buffer.alloc(96);
  lead.writeUInt32BE(0xedabeedb, 0);
  // The signature's header takes 37 bytes, so 3 follow to make a multiple of 8.
  return Buffer.concat([lead, header(5), Buffer.alloc(3), header(11), gzipSync(payload)]);
}
