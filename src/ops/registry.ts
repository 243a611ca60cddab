import { bootFiles } from "./boot-files.js";
import { checksum } from "./checksum.js";
import { fetchHttp } from "./fetch-http.js";
import { image } from "./image.js";
import { initramfs } from "./initramfs.js";
import { inventory } from "./inventory.js";
import { lint } from "./lint.js";
import { netboot } from "./netboot.js";
import type { Op } from "./op.js";
import { ownInitramfs } from "./own-initramfs.js";
import { prebuiltKernel } from "./prebuilt-kernel.js";
import { proof } from "./proof.js";
import { provision } from "./provision.js";
import { rootfsTar } from "./rootfs-tar.js";
import { sourcePath } from "./source-path.js";

/** The ops that steps name. */
export const ops: ReadonlyMap<string, Op> = new Map([
  ["boot-files", bootFiles],
  ["checksum", checksum],
  ["fetch-http", fetchHttp],
  ["image", image],
  ["inventory", inventory],
  ["lint", lint],
  ["initramfs", initramfs],
  ["netboot", netboot],
  ["own-initramfs", ownInitramfs],
  ["prebuilt-kernel", prebuiltKernel],
  ["proof", proof],
  ["provision", provision],
  ["rootfs-tar", rootfsTar],
  ["source-path", sourcePath],
]);
