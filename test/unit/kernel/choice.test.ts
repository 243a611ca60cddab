import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { nodeFiles } from "../../../src/cli/node-files.js";
import { plan } from "../../../src/plan/plan.js";
import { loadRecipe } from "../../../src/recipe/load.js";
import { packageWish } from "../../../src/recipe/lock-file.js";
import type { Spec } from "../../../src/recipe/spec.js";
import { usedSources } from "../../../src/recipe/used-sources.js";
import { allSteps } from "../../../src/steps/all.js";
import { ASSETS } from "../../rig/card.js";
import { tempFolder } from "../../rig/temp-folder.js";

const home = join(import.meta.dirname, "../../..");
const BASE = `description: base
board: cubieboard
sources: { linux: { distro: linux }, u-boot: { distro: u-boot } }
kernel: { source: linux, fragments: [] }
u-boot: { source: u-boot }
rootfs: { distro: debian, packages: [lvm2, systemd-sysv] }
`;

/** A recipe on the base, as a spec. */
async function load(text: string): Promise<Spec> {
  const folder = await tempFolder();
  await writeFile(join(folder, "base.yaml"), BASE);
  await writeFile(join(folder, "mine.yaml"), `extends: base.yaml\n${text}`);
  await writeFile(join(folder, "kernel.deb"), "!<arch>\n");
  const { spec, diagnostics } = await loadRecipe(join(folder, "mine.yaml"), nodeFiles(), { cwd: folder, home });
  expect(diagnostics).toEqual([]);
  if (!spec) throw new Error("no spec");
  return spec;
}

/** The steps of a build whose sources are all pinned, by id. */
function steps(spec: Spec) {
  const pin = { kind: "distro", package: "p", version: "1", files: [] } as const;
  const sources = Object.fromEntries(Object.keys(spec.sources).map((name) => [name, pin]));
  const all = allSteps(spec, { sources, packages: [] }, ASSETS, { mirrors: [], boot: false }).steps;
  return new Map(plan("mine", all, []).steps.map((planned) => [planned.step.id, planned]));
}

describe("a kernel that is a package", () => {
  const RECIPE = "kernel: { package: linux-image-armmp }\n";

  it("displaces the one that is compiled, and comes with the root filesystem's packages", async () => {
    const spec = await load(RECIPE);
    expect(spec.kernel).toEqual({ kind: "package", role: "kernel", package: "linux-image-armmp" });
    expect(packageWish(spec)?.packages).toEqual(["linux-image-armmp", "lvm2", "systemd-sysv"]);
    expect(usedSources(spec)).toEqual(["busybox", "u-boot"]);
  });

  it("is taken out of the bare root filesystem, which makes no initramfs of its own", async () => {
    const built = steps(await load(RECIPE));
    expect(built.get("kernel")?.needs).toEqual(["rootfs"]);
    expect(built.get("rootfs")?.step.action).toMatchObject({ env: { INITRD: "No" } });
    expect(built.get("initramfs")?.needs).toEqual(["busybox", "kernel"]);
    expect(built.get("boot-files")?.needs).toEqual(["initramfs", "kernel"]);
    expect(built.get("provision")?.needs).toEqual(["kernel", "rootfs"]);
    expect(built.get("busybox")?.needs).toEqual(["source:busybox"]);
  });

  it("of openSUSE brings the device trees of the board's family; both are asked for where the recipe names the kernel", async () => {
    const spec = await load(`kernel: { package: kernel-default }
rootfs:
  rpm: opensuse
  repositories: { oss: { url: "http://download.opensuse.org/oss", unsigned: true } }
  packages: [bash, lvm2]
`);
    if (spec.rootfs.kind !== "rpm") throw new Error("no rpm root file system");
    expect(spec.rootfs.packages).toEqual(["bash", "lvm2", "kernel-default", "dtb-sun4i"]);
    for (const name of ["kernel-default", "dtb-sun4i"])
      expect(spec.rootfs.places?.[`packages/${name}`]).toMatchObject({
        line: 2,
        text: expect.stringMatching(/^kernel:/),
      });
  });

  it("can do without an initramfs", async () => {
    const spec = await load(`${RECIPE}boot: { initramfs: none }\n`);
    expect(spec.boot).toEqual({ method: "extlinux", arguments: [] });
    expect([...steps(spec).keys()].filter((id) => /busybox|initramfs/.test(id))).toEqual([]);
  });
});

describe("a prebuilt kernel", () => {
  const RECIPE = `sources: { deb: { path: kernel.deb }, dtbs: { path: kernel.deb } }
kernel: { prebuilt: [deb, dtbs], image: /boot/zImage, modules: lib/modules/ }
`;

  it("may be of several sources, with paths in them", async () => {
    const spec = await load(RECIPE);
    const paths = { image: "boot/zImage", modules: "lib/modules" };
    expect(spec.kernel).toEqual({ kind: "prebuilt", role: "kernel", sources: ["deb", "dtbs"], paths });
    expect(usedSources(spec)).toEqual(["busybox", "deb", "dtbs", "u-boot"]);
    expect(steps(spec).get("kernel")?.needs).toEqual(["source:deb", "source:dtbs"]);
  });

  it("under a busybox gives that to its initramfs", async () => {
    const spec = await load(
      `${RECIPE}rootfs: { busybox: bb }\n`.replace("sources: {", "sources: { bb: { distro: busybox },"),
    );
    expect(spec.boot.initramfs).toEqual({ busybox: "bb" });
    expect(steps(spec).get("initramfs")?.needs).toEqual(["kernel", "rootfs"]);
    expect(steps(spec).has("busybox")).toBe(false);
  });
});

describe("a compiled kernel", () => {
  it("has no initramfs, or one when the recipe says so, of the recipe's own busybox", async () => {
    expect((await load("")).boot.initramfs).toBeUndefined();
    const spec = await load("boot: { initramfs: minimal }\nsources: { busybox: { path: kernel.deb } }\n");
    expect(spec.sources["busybox"]).toMatchObject({ kind: "path" });
    expect(steps(spec).get("initramfs")?.needs).toEqual(["busybox", "kernel"]);
  });
});
