import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import type { ContainerAction, Step } from "../../src/plan/step.js";
import type { Spec } from "../../src/recipe/spec.js";
import { kernelSteps } from "../../src/steps/kernel.js";
import { BUILD } from "../../src/steps/tools.js";
import { ubootSteps } from "../../src/steps/uboot.js";
import { ASSETS, type CardSpec, cardSpec } from "../rig/card.js";
import { fakeKbuild } from "../rig/fake-kbuild.js";
import { engineWith } from "../rig/op-run.js";
import { shell } from "../rig/shell.js";

// The steps around the compiler, on a tree that answers like Kbuild at once: what they check and what they leave.
const folder = mkdtempSync(join(tmpdir(), "boardsmith-kbuild-"));
let engine: Engine;

beforeAll(async () => {
  engine = await engineWith(BUILD);
});
afterAll(async () => {
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

const base = cardSpec();
const tree = { kind: "path", local: { path: "/r/tree", shown: "tree", kind: "tree", sha256: "0" } } as const;
const spec: CardSpec = {
  ...base,
  lvm: false,
  epoch: 1_700_000_000,
  sources: { linux: tree, "u-boot": tree },
  kernel: { ...base.kernel, defconfig: { inTree: "my_defconfig" } },
  uboot: { ...base.uboot, defconfig: "my_defconfig" },
};
const fragment = (text: string) => [{ name: "mine.config", text }];

async function run(step: Step | undefined, more = "", after = "ls /out") {
  const action = step?.action as ContainerAction;
  const texts = (step?.inputs ?? []).flatMap(({ name, from }) => ("text" in from ? [[name, from.text] as const] : []));
  const script = `${fakeKbuild(more)}\nmkdir -p /out /cache/ccache\n${action.script}\n${after}`;
  const { code, lines } = await shell(engine, BUILD, folder, script, Object.fromEntries(texts), action.env);
  return { code, lines: lines.filter((line) => !/^(make\b|cp |mkdir |@@)/.test(line)) };
}

describe("the kernel's step", () => {
  const build = (over: Partial<CardSpec["kernel"]> = {}, more = "", after?: string) =>
    run(kernelSteps({ ...spec, kernel: { ...spec.kernel, ...over } }, ASSETS)[0], more, after);

  it("leaves image, device trees, modules with depmod run, configuration and version, with nothing of this machine", async () => {
    const { code, lines } = await build(
      {},
      "",
      "cat /out/release /out/kernel; tar -tf /out/dtbs; tar -tf /out/modules; ls /out",
    );
    expect(code).toBe(0);
    expect(lines).toContain("Linux version 1.2.3 (x) Tue Nov 14 22:13:20 UTC 2023 boardsmith");
    expect(lines).toContain("allwinner/sun4i-a10-cubieboard.dtb");
    expect(lines).toContain("lib/modules/1.2.3/modules.dep");
    expect(lines.some((line) => /modules\/1.2.3\/build/.test(line))).toBe(false);
    expect(lines.slice(-5)).toEqual(["config", "dtbs", "kernel", "modules", "release"]);
  });

  it("stops at a dropped symbol before anything is compiled", async () => {
    const { code, lines } = await build({ fragments: fragment("CONFIG_NEVER=y\n") });
    expect(code).toBe(1);
    expect(lines).not.toContain("COMPILING");
    expect(lines.slice(-3)).toEqual([
      "mine.config:1: error: CONFIG_NEVER=y was asked for, but it is not set: it needs ABSENT=y (is not set) (Kconfig:5)",
      "    help: ask for CONFIG_ABSENT=y too; or list NEVER under allow-dropped to do without",
      "error: the configuration is not what the fragments ask for; nothing was compiled",
    ]);
  });

  it("goes on when the exception is allowed", async () => {
    const { code, lines } = await build({ fragments: fragment("CONFIG_NEVER=y\n"), allowDropped: ["NEVER"] });
    expect(code).toBe(0);
    expect(lines).toContain("CONFIG_NEVER did not come out as asked, which allow-dropped allows");
  });

  it("names both when image and modules are of different versions", async () => {
    const { code, lines } = await build({}, "echo 9.9.9 >says");
    expect(code).toBe(1);
    expect(lines.at(-1)).toBe("error: the kernel image calls itself 9.9.9, but its modules are those of 1.2.3");
  });

  it("puts a local version into both", async () => {
    const { code, lines } = await build(
      { fragments: fragment('CONFIG_LOCALVERSION="-mine"\n') },
      "",
      "cat /out/release",
    );
    expect([code, lines.at(-1)]).toEqual([0, "1.2.3-mine"]);
  });

  it("knows no defconfig of that name, but near ones", async () => {
    const { code, lines } = await build({ defconfig: { inTree: "my-board_defconfig" } });
    expect(code).toBe(1);
    expect(lines.slice(-2)).toEqual([
      "error: this source has no my-board_defconfig",
      "error: near it has: my_defconfig",
    ]);
  });

  it("refuses what is no kernel", async () => {
    const { code, lines } = await build({}, "rm -r arch");
    expect([code, lines.at(-1)]).toEqual([1, "error: the source is no Linux kernel for arm: it has no arch/arm"]);
  });
});

describe("U-Boot's step", () => {
  const build = (more = "", fragments: Spec["uboot"]["fragments"] = []) =>
    run(ubootSteps({ ...spec, uboot: { ...spec.uboot, fragments } }, ASSETS)[0], more);

  it("leaves SPL and U-Boot in one file", async () => {
    const { code, lines } = await build();
    expect([code, ...lines.slice(-2)]).toEqual([
      0,
      "U-Boot 1.2.3: SPL 24576 of 24576 bytes, in all 500000 of 1040384 bytes",
      "u-boot",
    ]);
  });

  it("refuses an SPL that the boot ROM would not load whole", async () => {
    const { code, lines } = await build("echo 24577 >spl-size");
    expect(code).toBe(1);
    expect(lines.slice(-2)).toEqual([
      "error: the SPL has 24577 bytes, but the boot ROM loads at most 24576",
      "error: switch features of the SPL off in a fragment",
    ]);
  });

  it("refuses what does not fit before the first partition", async () => {
    const { code, lines } = await build("echo 1040385 >whole-size");
    expect([code, lines.at(-1)]).toEqual([
      1,
      "error: SPL and U-Boot have 1040385 bytes, but only 1040384 are kept free for them on the card",
    ]);
  });

  it("holds its fragments to the same truth", async () => {
    const { code, lines } = await build("", fragment("CONFIG_NEVER=y\n"));
    expect(code).toBe(1);
    expect(lines).not.toContain("COMPILING");
    expect(lines).toContain("    help: ask for CONFIG_ABSENT=y too");
  });

  it("refuses what is no U-Boot", async () => {
    const { code, lines } = await build("rm -r common");
    expect([code, lines.at(-1)]).toEqual([1, "error: the source is no U-Boot: it has no common/spl/spl.c"]);
  });
});
