import { describe, expect, it } from "vitest";
import { Refused } from "../../../src/diagnostic/failure.js";
import type { ContainerAction, Step } from "../../../src/plan/step.js";
import type { Spec } from "../../../src/recipe/spec.js";
import { checkKernel, kernelFragments, kernelSteps } from "../../../src/steps/kernel.js";
import { checkToolchain } from "../../../src/steps/toolchain.js";
import { ubootSteps } from "../../../src/steps/uboot.js";
import { ASSETS, type CardSpec, cardSpec } from "../../rig/card.js";

const local = (shown: string, kind: "file" | "tree" = "file") => ({
  path: `/r/${shown}`,
  shown,
  kind,
  sha256: "0".repeat(64),
});
const http = (name: string) =>
  ({ kind: "http", urls: [`http://x.example/${name}`], sha256: "0".repeat(64), keys: [] }) as const;
const base = cardSpec();
const spec: CardSpec = {
  ...base,
  epoch: 1_700_000_000,
  sources: {
    linux: { kind: "distro", package: "linux" },
    "u-boot": { kind: "distro", package: "u-boot" },
    gcc: http("gcc.tar.xz"),
  },
  kernel: {
    ...base.kernel,
    patches: [local("patches/fix it.patch"), local("patches/series/", "tree")],
    fragments: [{ name: "kernel/mine.config", text: "CONFIG_FOO=y\n# CONFIG_DM_RAID is not set\n" }],
    allowDropped: ["CONFIG_FOO"],
  },
};
const kernel = (over: Partial<Spec> = {}): Step => kernelSteps({ ...spec, ...over }, ASSETS)[0] as Step;
const given = (step: Step, name: string) => {
  const from = step.inputs.find((input) => input.name === name)?.from;
  return from && "text" in from ? from.text : from;
};
const env = (step: Step) => (step.action as ContainerAction).env;

describe("the kernel's step", () => {
  it("hands over source, patches and fragments in order, ours before the recipe's", () => {
    const step = kernel();
    expect(step.id).toBe("kernel");
    expect(given(step, "source")).toEqual({ step: "source:linux", output: "source" });
    expect(given(step, "patches")).toBe(
      "patch-01-fix_it.patch\tfile\tpatches/fix it.patch\npatch-02-series\ttree\tpatches/series/\n",
    );
    expect(given(step, "patch-02-series")).toEqual({ local: spec.kernel.patches[1] });
    expect(given(step, "fragments")).toBe("fragment-01-boardsmith\nfragment-02-lvm2\nfragment-03-mine.config\n");
    expect(step.outputs.map(({ name }) => name)).toEqual(["kernel", "dtbs", "modules", "config", "release"]);
    expect(step.action).toMatchObject({ network: "none", caps: [], caches: ["ccache"] });
    expect(env(step)).toEqual({
      ARCH: "arm",
      CROSS_COMPILE: "arm-linux-gnueabihf-",
      DEFCONFIG: "sunxi_defconfig",
      IMAGE: "zImage",
      SOURCE_DATE_EPOCH: "1700000000",
      SOURCE_FORMAT: "debian",
    });
  });

  it("asks for what counts in the end, each with its place, and names the exceptions without CONFIG_", () => {
    const request = JSON.parse(given(kernel(), "asks") as string);
    expect(request.allowed).toEqual(["FOO"]);
    const asked = (symbol: string) => request.asks.filter((one: { symbol: string }) => one.symbol === symbol);
    expect(asked("DM_RAID")).toEqual([
      {
        symbol: "DM_RAID",
        value: "n",
        at: { file: "kernel/mine.config", line: 2, column: 1, length: 27, text: "# CONFIG_DM_RAID is not set" },
      },
    ]);
    expect(asked("BLK_DEV_DM")).toMatchObject([{ value: "y", at: { file: "lvm2" } }]);
  });

  it("leaves lvm2 out when the recipe does without", () => {
    expect(kernelFragments({ ...spec, lvm: false }, ASSETS).map(({ name }) => name)).toEqual([
      "boardsmith",
      "kernel/mine.config",
    ]);
  });

  it("takes a defconfig of the user's as a file", () => {
    const step = kernel({ kernel: { ...spec.kernel, defconfig: { local: local("my_defconfig") } } });
    expect(env(step)["DEFCONFIG"]).toBe("/in/defconfig");
    expect(given(step, "defconfig")).toEqual({ local: local("my_defconfig") });
  });

  it("takes a toolchain from its source, and says how that is packed", () => {
    const step = kernel({ toolchain: { kind: "source", source: "gcc", prefix: "arm-x-", libc: "nolibc" } });
    expect(given(step, "toolchain")).toEqual({ step: "source:gcc", output: "source" });
    expect(env(step)).toMatchObject({ CROSS_COMPILE: "arm-x-", TOOLCHAIN_FORMAT: "archive" });
  });

  it("is refused with every malformed line at once", () => {
    const fragments = [{ name: "a.config", text: "FOO=y\nCONFIG_BAR = m\n" }];
    const build = () => kernelSteps({ ...spec, kernel: { ...spec.kernel, fragments } }, ASSETS);
    expect(build).toThrow(Refused);
    expect(build).toThrow(
      '"FOO" lacks its CONFIG_ prefix\nKconfig allows no blank before CONFIG_ or around the equals sign',
    );
  });

  it("warns when a recipe overrules the lvm2 fragment", () => {
    const line = ASSETS.text("steps/lvm2.config").split("\n").indexOf("CONFIG_DM_RAID=m") + 1;
    expect(checkKernel(spec, ASSETS).map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
      `warning: CONFIG_DM_RAID=n overrules CONFIG_DM_RAID=m of lvm2:${line}`,
    ]);
  });
});

it("the lvm2 fragment itself is well formed", () => {
  expect(checkKernel({ ...spec, kernel: { ...spec.kernel, fragments: [] } }, ASSETS)).toEqual([]);
});

it("U-Boot's step knows the board's limits and has no exceptions", () => {
  const uboot = { ...spec.uboot, fragments: [{ name: "u.config", text: "CONFIG_BOOTDELAY=1\n" }] };
  const [step] = ubootSteps({ ...spec, uboot }, ASSETS) as [Step];
  expect(env(step)).toMatchObject({ DEFCONFIG: "Cubieboard_defconfig", SPL_MAX_SIZE: "24576", SPL_ROOM: "1040384" });
  expect(JSON.parse(given(step, "asks") as string)).toMatchObject({
    allowed: null,
    asks: [{ symbol: "BOOTDELAY", value: "1" }],
  });
  expect(step.outputs).toEqual([{ name: "u-boot", kind: "file" }]);
});

it("a toolchain without a C library builds kernels, but no userland", () => {
  const toolchain = { kind: "source", source: "gcc", prefix: "arm-x-", libc: "nolibc" } as const;
  expect(checkToolchain({ ...spec, toolchain, rootfs: { kind: "tar", source: "r" } })).toEqual([]);
  expect(checkToolchain({ ...spec, toolchain, rootfs: { kind: "busybox", source: "b" } })).toEqual([
    {
      severity: "error",
      code: "nolibc-userland",
      message: 'toolchain "gcc" has no C library (libc: nolibc), and rootfs: busybox compiles userland with it',
      help: "use toolchain: distro, or one with glibc, musl or uclibc; kernel and U-Boot alone can do without",
    },
  ]);
});
