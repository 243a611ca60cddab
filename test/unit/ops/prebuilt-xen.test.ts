import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { StepFailed } from "../../../src/diagnostic/failure.js";
import { prebuiltXen } from "../../../src/ops/prebuilt-xen.js";
import { xenSteps } from "../../../src/steps/xen.js";
import { ASSETS } from "../../rig/card.js";
import { runOp } from "../../rig/op-run.js";
import { writeTar } from "../../rig/tar.js";
import { tempFolder } from "../../rig/temp-folder.js";
import { fakeXen, xenSpec } from "../../rig/xen.js";

const PACKAGE = { kind: "package", package: "xen-hypervisor-4.17-armhf" } as const;

/** The op over a root filesystem with these files; gives its outputs as text, or its refusal. */
async function take(files: { readonly [name: string]: Buffer | string }, image?: string) {
  const folder = await tempFolder();
  const rootfs = join(folder, "rootfs");
  await writeTar(
    rootfs,
    Object.entries(files).map(([name, content]) => ({ name, content: Buffer.from(content) })),
  );
  const [step] = xenSteps(xenSpec({ from: PACKAGE }), ASSETS);
  if (step?.action.kind !== "op") throw new Error("no op");
  const args = { ...(step.action.args as object), ...(image === undefined ? {} : { image }) };
  const { out, log } = await runOp(prebuiltXen, { args, inputs: { rootfs }, folder });
  const read = (name: string) => readFileSync(join(out, name));
  return { xen: read("xen"), release: read("release").toString(), config: read("config").toString(), log };
}

const refusal = async (...args: Parameters<typeof take>) => {
  const error = await take(...args).catch((e) => e);
  expect(error).toBeInstanceOf(StepFailed);
  return (error as StepFailed).diagnostics;
};

test("Xen is the one file that is one, with its configuration from beside it", async () => {
  const xen = fakeXen();
  const taken = await take({
    "boot/xen-4.17-armhf": xen,
    "boot/xen-4.17-armhf.config": "CONFIG_ARM_32=y\n",
    "boot/xen-syms": "no Xen to start\n",
    "usr/sbin/xenstored": "#!/bin/sh\n",
  });
  expect(taken.xen.equals(xen)).toBe(true);
  expect(taken.release).toBe("4.17\n");
  expect(taken.config).toBe("CONFIG_ARM_32=y\n");
  expect(taken.log).toEqual(["Xen 4.17: boot/xen-4.17-armhf, 900000 bytes"]);
});

test("the same Xen under two names is one, and a recipe may name its file", async () => {
  const two = { "boot/xen-a": fakeXen(), "boot/xen-b": fakeXen() };
  expect((await take(two)).release).toBe("4.17\n");
  const named = await take({ ...two, "opt/hypervisor": fakeXen({ release: "4.20" }) }, "opt/hypervisor");
  expect(named.release).toBe("4.20\n");
  expect(named.config).toBe("# The Xen of package xen-hypervisor-4.17-armhf came without its configuration.\n");
});

test("none, several, and a named file that is none are refused", async () => {
  expect(await refusal({ "boot/xen-4.17-amd64.gz": "\x1f\x8b" })).toEqual([
    {
      severity: "error",
      code: "xen-no-image",
      message: "package xen-hypervisor-4.17-armhf brings no Xen for 32-bit ARM",
      help: "no file named xen* is one that U-Boot could start",
    },
  ]);
  const two = { "boot/xen-4.17": fakeXen(), "boot/xen-4.20": fakeXen({ release: "4.20" }) };
  expect(await refusal(two)).toMatchObject([
    {
      code: "xen-many-images",
      message: "package xen-hypervisor-4.17-armhf brings several: boot/xen-4.17, boot/xen-4.20",
      help: "leave the package of one of them out",
    },
  ]);
  expect(await refusal({ "boot/note": "x" }, "boot/note")).toMatchObject([
    { code: "xen-no-image", message: "boot/note of package xen-hypervisor-4.17-armhf is no Xen for 32-bit ARM" },
  ]);
  expect(await refusal({ "boot/note": "x" }, "boot/xen")).toMatchObject([
    { code: "xen-no-image", message: "boot/xen of package xen-hypervisor-4.17-armhf is not there" },
  ]);
});
