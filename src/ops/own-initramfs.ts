import { copyFile, open, readFile } from "node:fs/promises";
import { initramfsFaults, packingFaults } from "../initramfs/kernel-support.js";
import { parseDotConfig } from "../kconfig/dot-config.js";
import type { Op } from "./op.js";
import { input, stopAt } from "./stop-at.js";

/** Takes the user's initramfs as it is, when the kernel can unpack it. */
export const ownInitramfs: Op = async (run) => {
  const release = (await readFile(input(run, "release"), "utf8")).trim();
  const config = parseDotConfig(await readFile(input(run, "config"), "utf8"));
  await using file = await open(input(run, "initramfs"));
  const { buffer } = await file.read(Buffer.alloc(8), 0, 8, 0);
  const faults = [...initramfsFaults(config, release), ...packingFaults(buffer, config, release)];
  stopAt(run, faults, "this kernel would not start with the recipe's initramfs");
  await copyFile(input(run, "initramfs"), run.out("initramfs"));
};
