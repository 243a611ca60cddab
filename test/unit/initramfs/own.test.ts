import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { StepFailed } from "../../../src/diagnostic/failure.js";
import { ownInitramfs } from "../../../src/ops/own-initramfs.js";
import { bootFilesStep } from "../../../src/steps/boot-files.js";
import { initramfsSteps } from "../../../src/steps/initramfs.js";
import { ASSETS, CARD_IMAGE, cardSpec } from "../../rig/card.js";
import { runOp } from "../../rig/op-run.js";

const folder = mkdtempSync(join(tmpdir(), "boardsmith-own-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FIT = ["BLK_DEV_INITRD", "BINFMT_ELF", "BINFMT_SCRIPT", "DEVTMPFS"].map((symbol) => `CONFIG_${symbol}=y`);
const ARCHIVE = Buffer.from("070701 and so on");

/** Runs the op; gives the initramfs it left, or what it refused with. */
async function take(initramfs: Buffer, config: readonly string[]): Promise<Buffer | readonly string[]> {
  const own = mkdtempSync(join(folder, "one-"));
  const files = { initramfs, config: config.join("\n"), release: "6.12.0\n" };
  const inputs = Object.fromEntries(Object.keys(files).map((name) => [name, join(own, name)]));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(own, name), content);
  try {
    const { out } = await runOp(ownInitramfs, { args: {}, inputs, folder: own });
    return readFileSync(join(out, "initramfs"));
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    return (error.diagnostics ?? []).map(({ message, code }) => `${message} [${code}]`);
  }
}

test("an initramfs of the user's goes through as it is", async () => {
  expect(await take(ARCHIVE, FIT)).toEqual(ARCHIVE);
  const packed = gzipSync(ARCHIVE);
  expect(await take(packed, [...FIT, "CONFIG_RD_GZIP=y"])).toEqual(packed);
  expect(await take(packed, [])).toEqual(packed);
});

test("one that the kernel cannot unpack, or that is none, is refused", async () => {
  const kernel = "kernel 6.12.0 has no";
  expect(await take(gzipSync(ARCHIVE), FIT)).toEqual([
    `${kernel} CONFIG_RD_GZIP=y, which an initramfs packed with gzip needs [initramfs-unsupported]`,
  ]);
  expect(await take(Buffer.from("28b52ffd00000000", "hex"), FIT.slice(1))).toEqual([
    `${kernel} CONFIG_BLK_DEV_INITRD=y, which an initramfs needs [initramfs-unsupported]`,
    `${kernel} CONFIG_RD_ZSTD=y, which an initramfs packed with zstd needs [initramfs-unsupported]`,
  ]);
  expect(await take(Buffer.from("27051956 is U-Boot's", "hex"), FIT)).toEqual([
    "the recipe's initramfs is no cpio archive [initramfs-no-archive]",
  ]);
});

test("it takes the place of ours: no busybox is compiled, and it goes to the boot files", () => {
  const local = { path: "/x/initrd", shown: "initrd", kind: "file", sha256: "0".repeat(64) } as const;
  const spec = cardSpec(CARD_IMAGE, { method: "extlinux", arguments: [], initramfs: { local } });
  const steps = initramfsSteps(spec, ASSETS);
  expect(steps.map(({ id }) => id)).toEqual(["initramfs"]);
  expect(steps[0]?.inputs).toContainEqual({ name: "initramfs", from: { local } });
  const from = { step: "initramfs", output: "initramfs" };
  expect(bootFilesStep(spec, "", ASSETS).inputs).toContainEqual({ name: "initramfs", from });
});
