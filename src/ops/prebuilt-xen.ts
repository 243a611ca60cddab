import { writeFile } from "node:fs/promises";
import { StepFailed } from "../diagnostic/failure.js";
import { parseXenImage, type XenImage } from "../disk/xen-image.js";
import type { Tree } from "../rootfs/tree.js";
import type { PrebuiltXenArgs } from "../steps/xen.js";
import { sha256 } from "../util/canonical.js";
import type { Op, OpRun } from "./op.js";
import { openFiles } from "./tar-file.js";
import { unpackedParts } from "./unpacked-parts.js";

interface Found extends XenImage {
  readonly path: string;
  readonly bytes: Buffer;
}

/** Takes a Xen that somebody else built out of a root filesystem or out of packages and tarballs. */
export const prebuiltXen: Op = async (run) => {
  const args = run.args as unknown as PrebuiltXenArgs;
  using opened = openFiles();
  const tree = await unpackedParts(run, args, opened);
  const { path, bytes, release } = theXen(run, tree, args);
  await writeFile(run.out("xen"), bytes);
  await writeFile(run.out("release"), `${release}\n`);
  const config = tree.text(`${path}.config`);
  await writeFile(run.out("config"), config ?? `# The Xen of ${args.shown} came without its configuration.\n`);
  run.log(`Xen ${release}: ${path}, ${bytes.length} bytes`);
};

function theXen(run: OpRun, tree: Tree, { shown, image, parts }: PrebuiltXenArgs): Found {
  const stop = (code: string, message: string, help: string) =>
    new StepFailed(run.stepId, "Xen cannot be taken", { diagnostics: [{ severity: "error", code, message, help }] });
  const at = image === undefined ? undefined : tree.resolve(image);
  if (image !== undefined) {
    const bytes = at === undefined ? undefined : tree.read(at);
    const xen = bytes && parseXenImage(bytes);
    if (at !== undefined && bytes && xen) return { path: at, bytes, ...xen };
    throw stop(
      "xen-no-image",
      `${image} of ${shown} is ${bytes ? "no Xen for 32-bit ARM" : "not there"}`,
      "name the file that U-Boot starts, such as boot/xen-4.17-armhf",
    );
  }
  const found = new Map<string, Found>();
  for (const { path, type } of tree.nodes()) {
    if (type !== "file" || !/(^|\/)xen[^/]*$/.test(path)) continue;
    const bytes = tree.read(path);
    const xen = bytes && parseXenImage(bytes);
    if (bytes && xen && !found.has(sha256(bytes))) found.set(sha256(bytes), { path, bytes, ...xen });
  }
  const [only, second] = found.values();
  if (!only) {
    throw stop(
      "xen-no-image",
      `${shown} brings no Xen for 32-bit ARM`,
      "no file named xen* is one that U-Boot could start",
    );
  }
  if (second) {
    const names = [...found.values()].map(({ path }) => path).join(", ");
    const help = parts === 0 ? "leave the package of one of them out" : "name one of them as `xen: image:`";
    throw stop("xen-many-images", `${shown} brings several: ${names}`, help);
  }
  return only;
}
