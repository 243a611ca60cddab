import { copyFile, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { StepFailed } from "../diagnostic/failure.js";
import { didYouMean } from "../diagnostic/suggest.js";
import { parseZImage } from "../disk/zimage.js";
import { parseDotConfig } from "../kconfig/dot-config.js";
import { kernelFit } from "../kconfig/fit.js";
import { graft } from "../rootfs/graft.js";
import { configFile, kernelImages, moduleFolders, treeFolder } from "../rootfs/kernel-files.js";
import { Tree } from "../rootfs/tree.js";
import type { PrebuiltKernelArgs } from "../steps/prebuilt-kernel.js";
import type { Op, OpRun } from "./op.js";
import { input, stopAt } from "./stop-at.js";
import { openFiles, writeTar } from "./tar-file.js";
import { unpackedParts } from "./unpacked-parts.js";

/**
 * Takes a kernel that somebody else built out of a root filesystem or out of packages and tarballs, and leaves what a
 * compiled one's step leaves. Fails with diagnostics when something is missing, when image and modules are of two
 * versions, or when its configuration says that it cannot drive the board.
 */
export const prebuiltKernel: Op = async (run) => {
  const args = run.args as unknown as PrebuiltKernelArgs;
  const work = join(run.scratch, "kernel");
  await mkdir(work);
  using opened = openFiles();
  const tree = await unpackedParts(run, args, opened);

  await writeFile(run.out("kernel"), theImage(run, tree, args));
  const folders = args.paths.modules === undefined ? moduleFolders(tree) : [named(run, tree, args, "modules")];
  const modules = new Tree(args.epoch);
  for (const folder of folders) graft(tree, folder, modules, "lib/modules");
  const versions = modules.list("lib/modules").filter((name) => modules.get(`lib/modules/${name}`)?.type === "folder");
  for (const version of versions)
    for (const link of ["build", "source"]) modules.remove(`lib/modules/${version}/${link}`);
  await writeTar(modules, opened.paths, join(work, "all"), run.signal);
  await inspect(run, work);

  const release = (await readFile(join(work, "release"), "utf8")).trim();
  await writeFile(run.out("release"), `${release}\n`);
  const beside = args.paths.config === undefined ? configFile(tree, release) : named(run, tree, args, "config");
  const config = (beside && tree.text(beside)) ?? (await readFile(join(work, "config"), "utf8"));
  await takeModules(run, args, { work, release, versions, config });
  await takeTrees(run, args, tree, release, opened.paths);
  const unknown = `# The kernel of ${args.shown} came without its configuration.\n`;
  await writeFile(run.out("config"), config || unknown);
  judge(run, args, config);
};

/** Version, configuration and module index, found out where the tools for it are. */
async function inspect(run: OpRun, work: string): Promise<void> {
  await run.container("prebuilt-kernel", {
    tool: theTool(run),
    env: { SOURCE_DATE_EPOCH: String((run.args as unknown as PrebuiltKernelArgs).epoch) },
    mounts: [
      { source: run.out("kernel"), target: "/in/kernel", readOnly: true },
      { source: join(work, "all"), target: "/in/modules", readOnly: true },
      ...["kernel-version.py", "kernel-config.py"].map((name) => ({
        source: input(run, name),
        target: `/in/${name}`,
        readOnly: true,
      })),
      { source: work, target: "/out", readOnly: false },
    ],
  });
}

function theImage(run: OpRun, tree: Tree, args: PrebuiltKernelArgs): Buffer {
  const isImage = (bytes: Buffer): boolean => parseZImage(bytes) !== undefined;
  if (args.paths.image !== undefined) {
    const bytes = tree.read(named(run, tree, args, "image"));
    if (bytes && isImage(bytes)) return bytes;
    throw stopped(run, "kernel-no-image", `${args.paths.image} of ${args.shown} is no ARM zImage`);
  }
  const { images, others } = kernelImages(tree, isImage);
  const [image, second] = images;
  if (image === undefined) {
    const help =
      others.length > 0
        ? `${others.join(", ")} ${others.length > 1 ? "are none" : "is none"}`
        : "no file of it is named zImage* or vmlinuz*";
    throw stopped(run, "kernel-no-image", `${args.shown} brings no ARM zImage`, help);
  }
  if (second !== undefined) {
    const help = args.parts === 0 ? "leave the package of one of them out" : "name one of them as `kernel: image:`";
    throw stopped(run, "kernel-many-images", `${args.shown} brings several kernels: ${images.join(", ")}`, help);
  }
  return tree.read(image) ?? Buffer.alloc(0);
}

/** The resolved path of what the recipe names, or the end of the step. */
function named(
  run: OpRun,
  tree: Tree,
  args: PrebuiltKernelArgs,
  what: "image" | "dtbs" | "modules" | "config",
): string {
  const path = args.paths[what] ?? "";
  const at = tree.resolve(path);
  if (at !== undefined && tree.get(at)) return at;
  const folder = path.split("/").slice(0, -1).join("/");
  const names = tree.list(folder).map((name) => (folder === "" ? name : `${folder}/${name}`));
  throw stopped(
    run,
    "kernel-no-such-path",
    `${args.shown} has no ${path}, which \`kernel: ${what}:\` names`,
    didYouMean(path, names),
  );
}

async function takeModules(
  run: OpRun,
  args: PrebuiltKernelArgs,
  found: {
    readonly work: string;
    readonly release: string;
    readonly versions: readonly string[];
    readonly config: string;
  },
): Promise<void> {
  const { work, release, versions, config } = found;
  const packed = join(work, "modules");
  if (await stat(packed).catch(() => undefined)) {
    await copyFile(packed, run.out("modules"));
    return;
  }
  if (versions.length > 0) {
    const message = `the kernel image of ${args.shown} calls itself ${release}, and its modules are those of ${versions.join(", ")}`;
    throw stopped(run, "modules-mismatch", message, "take image and modules from one build");
  }
  if (parseDotConfig(config).get("MODULES") === "y") {
    const help =
      "give its modules' package as well (`prebuilt: [KERNEL, MODULES]`), or name their folder as `modules:`";
    throw stopped(run, "kernel-no-modules", `${args.shown} brings no modules for its kernel ${release}`, help);
  }
  if (config === "") run.log(`warning: ${args.shown} brings no modules: all that the board needs has to be built in`);
  const none = new Tree(args.epoch);
  none.folder(`lib/modules/${release}`);
  await writeTar(none, new Map(), run.out("modules"), run.signal);
}

async function takeTrees(
  run: OpRun,
  args: PrebuiltKernelArgs,
  tree: Tree,
  release: string,
  paths: ReturnType<typeof openFiles>["paths"],
): Promise<void> {
  const folder = args.paths.dtbs === undefined ? treeFolder(tree, release) : named(run, tree, args, "dtbs");
  const trees = new Tree(args.epoch);
  for (const { path } of folder === undefined ? [] : tree.nodes()) {
    const name = folder === "" ? path : path.slice((folder?.length ?? 0) + 1);
    if (!path.endsWith(".dtb") || !path.startsWith(folder === "" ? "" : `${folder}/`)) continue;
    const bytes = tree.read(path);
    if (bytes) trees.write(name, bytes);
  }
  if ([...trees.nodes()].length === 0) {
    const help = "give their package as well (`prebuilt: [KERNEL, DTBS]`), or name their folder as `dtbs:`";
    throw stopped(
      run,
      "kernel-no-device-trees",
      `${args.shown} brings no device trees (*.dtb)`,
      args.parts === 0 ? undefined : help,
    );
  }
  await writeTar(trees, paths, run.out("dtbs"), run.signal);
}

/** Warnings are told, errors end the step. */
function judge(run: OpRun, args: PrebuiltKernelArgs, config: string): void {
  if (config === "") {
    run.log(
      `warning: ${args.shown} does not say how its kernel was configured, so whether it fits board and lvm2 was not checked`,
    );
    return;
  }
  const found = kernelFit(config, args.wanted);
  for (const { severity, message } of found) if (severity === "warning") run.log(`warning: ${message}`);
  stopAt(run, found, "the kernel does not fit the recipe");
}

function stopped(run: OpRun, code: string, message: string, help?: string): StepFailed {
  const diagnostic: Diagnostic = { severity: "error", code, message, ...(help === undefined ? {} : { help }) };
  return new StepFailed(run.stepId, "the kernel cannot be taken", { diagnostics: [diagnostic] });
}

function theTool(run: OpRun): OpRun["tools"][number] {
  const [tool] = run.tools;
  if (!tool) throw new Error("op prebuilt-kernel needs a tool image");
  return tool;
}
