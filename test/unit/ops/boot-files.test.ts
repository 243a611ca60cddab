import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
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

const TREE = "allwinner/sun4i-a10-cubieboard.dtb";

/** The op over a kernel that built these device trees; gives its output folder. */
async function make(trees: readonly string[], spec: Spec = cardSpec()): Promise<string> {
  const folder = await tempFolder();
  const at = (name: string) => join(folder, name);
  writeFileSync(at("kernel"), fakeKernel());
  writeFileSync(at("release"), "6.12.0\n");
  await writeTar(
    at("dtbs"),
    trees.map((name) => ({ name, content: fakeTree() })),
  );
  const action = imageSteps(spec, ASSETS).find(({ id }) => id === "boot-files")?.action;
  if (action?.kind !== "op") throw new Error("no op boot-files");
  const inputs = { kernel: at("kernel"), dtbs: at("dtbs"), release: at("release") };
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
