import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nodeFiles } from "../../../src/cli/node-files.js";
import { Refused } from "../../../src/diagnostic/failure.js";
import { findRecipe, listRecipes } from "../../../src/recipe/find.js";
import { loadRecipe } from "../../../src/recipe/load.js";
import type { Spec } from "../../../src/recipe/spec.js";

const home = join(import.meta.dirname, "../../..");
const homes = { cwd: home, home };
const good = join(home, "test/good");

async function load(file: string): Promise<Spec> {
  const { spec, diagnostics } = await loadRecipe(file, nodeFiles(), homes);
  expect(diagnostics).toEqual([]);
  if (!spec) throw new Error("no spec");
  return spec;
}

describe("a recipe that uses every key", () => {
  let spec: Spec;
  beforeAll(async () => {
    spec = await load(join(good, "everything.yaml"));
  });

  test("sources", () => {
    const digest = expect.stringMatching(/^[0-9a-f]{64}$/);
    const keys = [{ path: join(good, "files/signer.asc"), shown: "files/signer.asc", kind: "file", sha256: digest }];
    expect(spec.sources).toEqual({
      linux: {
        kind: "git",
        url: "https://git.kernel.org/pub/scm/linux/kernel/git/stable/linux.git",
        ref: { tag: "v6.12.107" },
        submodules: false,
        keys,
      },
      "u-boot": {
        kind: "git",
        url: "https://source.denx.de/u-boot/u-boot.git",
        ref: { branch: "master" },
        submodules: true,
        keys: [],
      },
      root: {
        kind: "http",
        urls: ["https://download.opensuse.org/root.tar.xz", "https://www.example.org/root.tar.xz"],
        sha256: "5e5e0000000000000000000000000000000000000000000000000000000000aa",
        signature: "https://download.opensuse.org/root.tar.xz.asc",
        keys,
      },
      cross: {
        kind: "path",
        local: { path: join(good, "files/cross.tar.xz"), shown: "files/cross.tar.xz", kind: "file", sha256: digest },
      },
    });
  });

  test("kernel and U-Boot: files, a quilt series in its order, fragments with their text", () => {
    expect(spec.kernel).toMatchObject({
      role: "kernel",
      source: "linux",
      defconfig: { local: { shown: "./files/board_defconfig", kind: "file" } },
      patches: [{ shown: "files/one.patch" }, { shown: "files/patches/0001.patch" }],
      fragments: [{ name: "files/usb.config", path: join(good, "files/usb.config"), text: "CONFIG_USB_STORAGE=m\n" }],
      allowDropped: ["CONFIG_USB_STORAGE"],
    });
    expect(spec.uboot).toMatchObject({
      source: "u-boot",
      defconfig: "Cubieboard_defconfig",
      fragments: [{ text: "CONFIG_CMD_BOOTZ=y\n" }],
    });
    expect(spec.toolchain).toEqual({ kind: "source", source: "cross", prefix: "arm-linux-gnueabi-", libc: "nolibc" });
    expect(spec.boot).toMatchObject({
      method: "script",
      arguments: ["quiet", "loglevel=4"],
      initramfs: { local: { shown: "files/initramfs" } },
    });
  });

  test("provisioning", () => {
    expect(spec.provision).toMatchObject({
      hostname: "workbench",
      users: [{ name: "ada", uid: 1000, comment: "Ada Lovelace", groups: ["sudo", "dialout"], shell: "/bin/bash" }],
      locale: "C.UTF-8",
      timezone: "Europe/Berlin",
      keymap: "us",
      network: [
        { interface: "eth0", dhcp: true, dns: [] },
        {
          interface: "usb0",
          dhcp: false,
          address: "192.0.2.10/24",
          gateway: "192.0.2.1",
          dns: ["192.0.2.1", "2001:db8::1"],
        },
      ],
      units: { enable: ["ssh.service"], disable: ["apt-daily.timer"], mask: ["sleep.target"] },
      overlays: [
        { from: { shown: "files/overlay", kind: "tree" }, to: "/", uid: 0, gid: 0 },
        { from: { shown: "files/motd", kind: "file" }, to: "/etc", uid: 0, gid: 8, mode: 0o640 },
      ],
      firstboot: { kind: "ignition", from: { shown: "files/config.ign", kind: "file" } },
      grow: false,
    });
    expect(spec.provision.overlays[0]).not.toHaveProperty("mode");
  });

  test("image and proof", () => {
    expect(spec.image).toEqual({
      table: "mbr",
      size: 1024 ** 3,
      align: 4 * 1024 ** 2,
      partitions: [
        { name: "boot", content: "boot", filesystem: "fat32", size: { bytes: 64 * 1024 ** 2 }, label: "CARD" },
        {
          name: "root",
          content: "root",
          filesystem: "ext4",
          size: { content: { slack: 128 * 1024 ** 2 } },
          label: "root",
        },
        { name: "data", content: "empty", filesystem: "ext4", size: { rest: true }, label: "data" },
        {
          name: "machine",
          content: "provision",
          filesystem: "ext4",
          size: { bytes: 16 * 1024 ** 2 },
          label: "ignition",
        },
      ],
      compress: ["zst", "xz"],
    });
    expect(spec.lint).toEqual({
      accept: [{ finding: "setuid-unowned", about: "/usr/bin/tool", reason: "our own mount tool" }],
    });
    expect(spec.proof.timeouts).toEqual({ spl: 10, "u-boot": 20, kernel: 30, init: 40, login: 50, checks: 60 });
    expect(spec.epoch).toBe(1_700_000_000);
  });

  test("names every file that it was made from", () => {
    const below = spec.files.map((file) => file.replace(`${home}/`, "")).sort();
    expect(below).toEqual([
      "boards/cubieboard.yaml",
      "boards/soc/sun4i-a10.yaml",
      "test/good/everything.yaml",
      "test/good/files/board_defconfig",
      "test/good/files/config.ign",
      "test/good/files/cross.tar.xz",
      "test/good/files/initramfs",
      "test/good/files/motd",
      "test/good/files/one.patch",
      "test/good/files/overlay",
      "test/good/files/overlay/etc",
      "test/good/files/overlay/etc/issue",
      "test/good/files/overlay/etc/issue.net",
      "test/good/files/patches/0001.patch",
      "test/good/files/patches/series",
      "test/good/files/signer.asc",
      "test/good/files/u-boot.config",
      "test/good/files/usb.config",
    ]);
  });
});

describe("shipped recipes", () => {
  test("are all without mistakes and warnings", async () => {
    const all = await listRecipes(nodeFiles(), homes);
    expect(all.map((recipe) => recipe.name)).toContain("cubieboard");
    for (const { file } of all) await load(file);
  });

  test("cubieboard: what is not said has a default", async () => {
    const spec = await load(join(home, "recipes/cubieboard.yaml"));
    expect(spec).toMatchObject({
      name: "cubieboard",
      lvm: true,
      toolchain: { kind: "distro", prefix: "arm-linux-gnueabihf-", libc: "glibc" },
      kernel: { defconfig: { inTree: "sunxi_defconfig" }, patches: [], allowDropped: [] },
      boot: { method: "extlinux", arguments: [] },
      rootfs: { kind: "distro", distro: "debian", suite: "trixie", arch: "armhf", recommends: false },
      provision: { hostname: "cubieboard", users: [], firstboot: { kind: "password" }, grow: true },
      image: { table: "mbr", align: 1024 ** 2, compress: [] },
      proof: { enabled: true, checks: [] },
      epoch: 1_735_689_600,
    });
    expect(spec.image.partitions.map((one) => one.content !== "lvm" && one.label)).toEqual([
      "BOOT",
      "BOARDSMITH",
      "root",
    ]);
    expect(spec.files).toContain(join(home, "recipes/base/debian.yaml"));
  });
});

describe("extends", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "boardsmith-extends-"));
    await writeFile(
      join(folder, "base.yaml"),
      `description: base
board: cubieboard
sources:
  linux: { git: "https://git.example.org/linux.git", branch: master, submodules: true }
  u-boot: { distro: u-boot, version: "2025.01-3" }
kernel: { source: linux }
u-boot: { source: u-boot }
rootfs: { distro: debian, packages: [lvm2, one] }
`,
    );
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("maps merge, lists replace, another kind or another git ref displaces what it excludes", async () => {
    await writeFile(join(folder, "later.yaml"), "rootfs: { packages: [lvm2, two] }\nprovision: { hostname: later }\n");
    await writeFile(
      join(folder, "recipe.yaml"),
      `extends: [base.yaml, later.yaml]
description: own
sources:
  linux: { tag: v6.12 }
  u-boot: { git: "https://git.example.org/u-boot.git", branch: master }
provision: { timezone: UTC }
`,
    );
    const spec = await load(join(folder, "recipe.yaml"));
    expect(spec.description).toBe("own");
    expect(spec.rootfs).toMatchObject({ packages: ["lvm2", "two"] });
    expect(spec.provision).toMatchObject({ hostname: "later", timezone: "UTC" });
    expect(spec.sources.linux).toMatchObject({ ref: { tag: "v6.12" }, submodules: true });
    expect(spec.sources["u-boot"]).toMatchObject({ kind: "git", ref: { branch: "master" } });
  });

  test("a path is relative to the file that says it", async () => {
    await writeFile(join(folder, "usb.config"), "CONFIG_USB=y\n");
    await writeFile(join(folder, "fragments.yaml"), "kernel: { fragments: [usb.config] }\n");
    const away = await mkdtemp(join(tmpdir(), "boardsmith-away-"));
    const file = join(away, "recipe.yaml");
    await writeFile(file, `extends: [${join(folder, "base.yaml")}, ${join(folder, "fragments.yaml")}]\n`);
    const spec = await load(file);
    expect(spec.kernel).toMatchObject({
      fragments: [{ name: "usb.config", path: join(folder, "usb.config"), text: "CONFIG_USB=y\n" }],
    });
    await rm(away, { recursive: true });
  });
});

describe("findRecipe", () => {
  const find = (wish: string, cwd = home) => findRecipe(wish, nodeFiles(), { cwd, home });

  test("by name and by path", async () => {
    expect(await find("cubieboard")).toBe(join(home, "recipes/cubieboard.yaml"));
    expect(await find("everything.yaml", good)).toBe(join(good, "everything.yaml"));
    expect(await find("./recipes/mk802.yaml")).toBe(join(home, "recipes/mk802.yaml"));
  });

  test("the user's own folder comes first", async () => {
    const cwd = await mkdtemp(join(tmpdir(), "boardsmith-find-"));
    const { mkdir } = await import("node:fs/promises");
    await mkdir(join(cwd, "recipes"));
    await writeFile(join(cwd, "recipes/cubieboard.yaml"), "");
    await writeFile(join(cwd, "recipes/cubieboard.lock.yaml"), "");
    expect(await find("cubieboard", cwd)).toBe(join(cwd, "recipes/cubieboard.yaml"));
    const names = (await listRecipes(nodeFiles(), { cwd, home })).map((recipe) => recipe.name);
    expect(names).toContain("mk802");
    expect(names).not.toContain("cubieboard.lock");
    await rm(cwd, { recursive: true });
  });

  test("what is not there is refused, with the near one or with where it was looked for", async () => {
    const refusal = async (wish: string) => {
      const error = await find(wish).then(
        () => undefined,
        (e: unknown) => e,
      );
      if (!(error instanceof Refused)) throw new Error("not refused");
      return error.diagnostics;
    };
    expect(await refusal("cubiebord")).toEqual([
      {
        severity: "error",
        code: "unknown-recipe",
        message: 'no recipe is named "cubiebord"',
        help: 'did you mean "cubieboard"?',
      },
    ]);
    expect(await refusal("no/such.yaml")).toEqual([
      {
        severity: "error",
        code: "no-such-file",
        message: 'no recipe is at "no/such.yaml"',
        help: `looked for ${join(home, "no/such.yaml")}`,
      },
    ]);
  });
});

test("every good recipe loads", async () => {
  const names = (await readdir(good)).filter((name) => name.endsWith(".yaml"));
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) await load(join(good, name));
});
