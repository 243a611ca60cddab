import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { StepFailed } from "../../../src/diagnostic/failure.js";
import { bootFiles } from "../../../src/ops/boot-files.js";
import { imageSteps } from "../../../src/steps/image.js";
import { ASSETS, cardSpec, fakeKernel, fakeTree } from "../../rig/card.js";
import { runOp } from "../../rig/op-run.js";
import { writeTar } from "../../rig/tar.js";
import { tempFolder } from "../../rig/temp-folder.js";

const TREE = "allwinner/sun4i-a10-cubieboard.dtb";

/** The op over a kernel that built these device trees; gives its output folder. */
async function make(trees: readonly string[]): Promise<string> {
  const folder = await tempFolder();
  const at = (name: string) => join(folder, name);
  writeFileSync(at("kernel"), fakeKernel());
  writeFileSync(at("release"), "6.12.0\n");
  await writeTar(
    at("dtbs"),
    trees.map((name) => ({ name, content: fakeTree() })),
  );
  const action = imageSteps(cardSpec(), ASSETS).find(({ id }) => id === "boot-files")?.action;
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
