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
import { checkXenFragments } from "../../../src/steps/xen.js";
import { ASSETS } from "../../rig/card.js";
import { tempFolder } from "../../rig/temp-folder.js";

const home = join(import.meta.dirname, "../../..");
const BASE = `description: base
board: cubieboard2
sources: { linux: { distro: linux }, u-boot: { distro: u-boot }, hypervisor: { distro: xen } }
kernel: { source: linux, defconfig: sunxi_defconfig, fragments: [dom0.config] }
guest-kernel: { fragments: [guest.config] }
xen: { source: hypervisor, fragments: [xen.config] }
u-boot: { source: u-boot }
rootfs: { distro: debian, suite: bookworm, packages: [lvm2, systemd-sysv] }
`;

/** The recipe with lines of its own, and with these texts for fragments. */
async function load(more = "", fragments: { readonly [role: string]: string } = {}): Promise<Spec> {
  const folder = await tempFolder();
  await writeFile(join(folder, "base.yaml"), BASE);
  for (const role of ["dom0", "guest", "xen"]) await writeFile(join(folder, `${role}.config`), fragments[role] ?? "");
  await writeFile(join(folder, "mine.yaml"), `extends: base.yaml\n${more}`);
  const { spec, diagnostics } = await loadRecipe(join(folder, "mine.yaml"), nodeFiles(), { cwd: folder, home });
  expect(diagnostics).toEqual([]);
  if (!spec) throw new Error("no spec");
  return spec;
}

/** The steps of a build whose sources are all pinned, by id. */
function steps(spec: Spec) {
  const pin = { kind: "distro", package: "p", version: "1", files: [] } as const;
  const sources = Object.fromEntries(Object.keys(spec.sources).map((name) => [name, pin]));
  const all = allSteps(spec, { sources, packages: [] }, ASSETS, { mirrors: [], boot: true }).steps;
  return new Map(plan("mine", all, []).steps.map((planned) => [planned.step.id, planned]));
}

const asks = (planned: ReturnType<ReturnType<typeof steps>["get"]>): readonly string[] => {
  const from = planned?.step.inputs.find(({ name }) => name === "asks")?.from;
  const { asks: all } = JSON.parse(from && "text" in from ? from.text : "{}") as { asks: { symbol: string }[] };
  return all.map(({ symbol }) => symbol);
};

describe("dom0's kernel and the guests'", () => {
  it("are two steps over one source, each with what its role needs", async () => {
    const built = steps(await load());
    expect(built.get("kernel")?.needs).toEqual(["source:linux"]);
    expect(built.get("kernel:domU")?.needs).toEqual(["source:linux"]);
    expect(asks(built.get("kernel"))).toEqual(
      expect.arrayContaining(["XEN_DOM0", "XEN_BLKDEV_BACKEND", "BLK_DEV_DM", "BRIDGE"]),
    );
    expect(asks(built.get("kernel:domU"))).toEqual(expect.arrayContaining(["XEN", "XEN_BLKDEV_FRONTEND"]));
    expect(asks(built.get("kernel:domU"))).not.toContain("XEN_DOM0");
    const caches = ["kernel", "kernel:domU"].map((id) => built.get(id)?.step.action);
    expect(caches).toMatchObject([{ caches: ["ccache"] }, { caches: ["ccache"] }]);
  });

  it("are built anew by their own fragment, and by no other's", async () => {
    const key = (spec: Spec) => {
      const built = steps(spec);
      return (id: string) => built.get(id)?.key;
    };
    const plain = key(await load());
    const changed = {
      dom0: key(await load("", { dom0: "CONFIG_USB=y\n" })),
      guest: key(await load("", { guest: "CONFIG_USB=y\n" })),
      xen: key(await load("", { xen: "CONFIG_DEBUG=y\n" })),
    };
    const anew = (role: keyof typeof changed) =>
      ["kernel", "kernel:domU", "xen", "u-boot", "rootfs"].filter((id) => changed[role](id) !== plain(id));
    expect(anew("dom0")).toEqual(["kernel"]);
    expect(anew("guest")).toEqual(["kernel:domU"]);
    expect(anew("xen")).toEqual(["xen"]);
  });
});

describe("Xen", () => {
  it("is compiled from its source, and the boot files, the proof and the check of the rootfs need it", async () => {
    const spec = await load();
    expect(usedSources(spec)).toEqual(["hypervisor", "linux", "u-boot"]);
    expect(spec.boot.method).toBe("script");
    const built = steps(spec);
    expect(built.get("xen")?.needs).toEqual(["source:hypervisor"]);
    expect(built.get("xen")?.step.action).toMatchObject({ env: { DEFCONFIG: "arm32_defconfig", ARCH: "arm" } });
    expect(built.get("boot-files")?.needs).toEqual(["kernel", "xen"]);
    expect(built.get("lint")?.needs).toContain("xen");
    expect(built.get("proof")?.needs).toContain("xen");
  });

  it("comes with the root filesystem's packages, or from a file under any root filesystem", async () => {
    const packaged = await load("xen: { package: xen-hypervisor-4.17-armhf, dom0: { memory: 384MiB, vcpus: 2 } }\n");
    expect(packaged.xen).toMatchObject({
      from: { kind: "package", package: "xen-hypervisor-4.17-armhf" },
      dom0: { memory: 384 * 1024 ** 2, vcpus: 2 },
    });
    expect(packageWish(packaged)?.packages).toEqual(["lvm2", "systemd-sysv", "xen-hypervisor-4.17-armhf"]);
    expect(steps(packaged).get("xen")?.needs).toEqual(["rootfs"]);
    const prebuilt = await load("sources: { deb: { path: xen.config } }\nxen: { prebuilt: deb, image: /boot/xen }\n");
    expect(prebuilt.xen?.from).toEqual({ kind: "prebuilt", sources: ["deb"], image: "boot/xen" });
    expect(steps(prebuilt).get("xen")?.needs).toEqual(["source:deb"]);
  });

  it("prints early where the board's UART is known", async () => {
    const spec = await load("xen: { early-printk: true }\n");
    expect(checkXenFragments(spec)).toEqual([]);
    const fragment = steps(spec)
      .get("xen")
      ?.step.inputs.find(({ name }) => name === "fragment-01-early-printk")?.from;
    expect(fragment).toEqual({
      text: "CONFIG_DEBUG=y\nCONFIG_EARLY_UART_CHOICE_8250=y\nCONFIG_EARLY_UART_BASE_ADDRESS=0x1c28000\nCONFIG_EARLY_UART_8250_REG_SHIFT=2\n",
    });
    const { uart: _, ...board } = spec.board;
    expect(checkXenFragments({ ...spec, board })).toMatchObject([
      { code: "xen-no-uart", message: "where cubieboard2's UART is, is not known, so Xen cannot print on it early" },
    ]);
  });

  it("has the board's serial console, and dom0 what Xen passes on", async () => {
    const built = steps(await load());
    expect(built.get("boot-files")?.step.action).toMatchObject({
      args: {
        arguments: expect.stringMatching(/^console=hvc0 root=/),
        xen: { arguments: "console=dtuart dom0_mem=512M" },
      },
    });
    for (const id of ["provision", "lint"]) {
      expect(built.get(id)?.step.action).toMatchObject({ args: { console: "hvc0" } });
    }
  });
});
