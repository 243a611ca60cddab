import { writeFile } from "node:fs/promises";
import { inventoryOf } from "../rootfs/inventory/inventory.js";
import { Tree } from "../rootfs/tree.js";
import type { Op } from "./op.js";
import { input } from "./stop-at.js";
import { openFiles } from "./tar-file.js";

/** Writes down which packages a root filesystem has, with their licences, for the image's records. */
export const inventory: Op = async (run) => {
  using opened = openFiles();
  const found = inventoryOf(Tree.of(opened.open(input(run, "rootfs")), 0));
  const silent = found.packages.filter(({ licences }) => licences === undefined).length;
  run.log(`${found.packages.length} packages, ${silent} of them without licences in machine-readable form`);
  await writeFile(run.out("inventory"), `${JSON.stringify(found, null, 2)}\n`);
};
