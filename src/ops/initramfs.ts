import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { closure } from "../initramfs/closure.js";
import { type InitramfsParts, initramfsContents } from "../initramfs/contents.js";
import { cpio } from "../initramfs/cpio.js";
import { initramfsFaults } from "../initramfs/kernel-support.js";
import { type ModuleOrder, moduleOrder, parseModuleIndex } from "../initramfs/module-order.js";
import { parseDotConfig } from "../kconfig/dot-config.js";
import { Tree } from "../rootfs/tree.js";
import type { InitramfsArgs } from "../steps/initramfs.js";
import type { Op, OpRun } from "./op.js";
import { input, stopAt } from "./stop-at.js";
import { openFiles } from "./tar-file.js";

/** Packs a minimal initramfs: busybox, the modules that the root filesystem needs, lvm where it lies on a volume. Nothing of the target is run. */
export const initramfs: Op = async (run) => {
  const args = run.args as unknown as InitramfsArgs;
  using opened = openFiles();
  const treeOf = (name: string): Tree => Tree.of(opened.open(input(run, name)), args.epoch);
  const release = (await readFile(input(run, "release"), "utf8")).trim();
  const config = parseDotConfig(await readFile(input(run, "config"), "utf8"));
  stopAt(run, initramfsFaults(config, release), "this kernel starts no initramfs");

  const modules = treeOf("modules");
  const folder = `lib/modules/${release}`;
  const index = parseModuleIndex((file) => modules.text(`${folder}/${file}`));
  const order = moduleOrder(index, [...args.cardModules, ...args.needs]);
  tellMissing(run, order, args, release, index.builtin.size + index.modules.size > 0);

  const busybox = treeOf("busybox").read("bin/busybox");
  if (!busybox) throw new Error("the busybox step left no bin/busybox");
  const lvm = args.root.kind === "lvm" ? lvmOf(run, treeOf("rootfs")) : new Map<string, Buffer>();
  const parts: InitramfsParts = {
    ...args,
    busybox,
    lvm,
    modules: await plainModules(run, order, (path) => modules.read(`${folder}/${path}`)),
  };
  const contents = initramfsContents(parts);
  const archive = cpio(contents, args.epoch);
  const format = compression(config);
  await pack(run, archive, format);
  for (const { path, what } of contents)
    if ("file" in what) run.log(`${String(what.file.length).padStart(9)}  ${path}`);
  run.log(
    `${contents.length} entries, ${archive.length} bytes, ${format ?? "not compressed"}; built in: ${order.builtin.join(", ") || "nothing"}`,
  );
};

/** The best that the kernel knows; it takes an archive that is not compressed in any case. */
function compression(config: ReadonlyMap<string, string>): "gzip" | "zstd" | undefined {
  if (config.get("RD_ZSTD") === "y") return "zstd";
  return config.size === 0 || config.get("RD_GZIP") === "y" ? "gzip" : undefined;
}

/** Without the filesystem's driver nothing can come of it; a card's may have another name in this kernel, and the boot proof is the judge. */
function tellMissing(
  run: OpRun,
  { missing }: ModuleOrder,
  { needs, whose }: InitramfsArgs,
  release: string,
  known: boolean,
): void {
  if (!known) {
    run.log(`warning: kernel ${release} has no list of its modules; all that ${whose} needs has to be built in`);
    return;
  }
  const diagnostics = missing
    .filter((name) => needs.includes(name))
    .map(
      (name): Diagnostic => ({
        severity: "error",
        code: "initramfs-no-driver",
        message: `kernel ${release} has no ${name}, neither built in nor as a module, and ${whose} needs it`,
      }),
    );
  for (const name of missing.filter((one) => !needs.includes(one))) {
    run.log(`warning: kernel ${release} has no ${name}, which the board's card may need`);
  }
  stopAt(run, diagnostics, `${whose} could not be mounted`);
}

function lvmOf(run: OpRun, rootfs: Tree): ReadonlyMap<string, Buffer> {
  const program = ["usr/sbin/lvm", "sbin/lvm", "usr/bin/lvm"].find((path) => rootfs.read(path)) ?? "usr/sbin/lvm";
  const { files, missing } = closure(rootfs, program);
  const diagnostics = missing.map(
    (name): Diagnostic => ({
      severity: "error",
      code: "initramfs-no-lvm",
      message: `the root filesystem has no ${name}, and the initramfs needs it to activate the root volume`,
      help: "add lvm2 to rootfs.packages, or give the root filesystem another one",
    }),
  );
  stopAt(run, diagnostics, "the root volume could not be activated");
  return files;
}

/** The modules' files, decompressed in a container where they have to be. */
async function plainModules(
  run: OpRun,
  { load }: ModuleOrder,
  read: (path: string) => Buffer | undefined,
): Promise<InitramfsParts["modules"]> {
  const modules = load.map(({ path, optional }) => {
    const bytes = read(path);
    if (!bytes) throw new Error(`modules.dep names ${path}, which is not there`);
    const file = path.replace(/^.*\//, "");
    return { file, name: file.replace(/\.ko\.\w+$/, ".ko"), bytes, optional };
  });
  const packed = modules.filter(({ file, name }) => file !== name);
  if (packed.length === 0) return modules;
  const [from, to] = [join(run.scratch, "packed"), join(run.scratch, "plain")];
  await Promise.all([from, to].map((path) => mkdir(path)));
  await Promise.all(packed.map(({ name, bytes }) => writeFile(join(from, name), bytes)));
  await contained(run, "initramfs-modules", {}, { "/in/modules": from }, to);
  const plain = packed.map(async ({ name }) => [name, await readFile(join(to, name))] as const);
  const byName = new Map(await Promise.all(plain));
  return modules.map(({ name, bytes, optional }) => ({ name, bytes: byName.get(name) ?? bytes, optional }));
}

async function pack(run: OpRun, archive: Buffer, format: string | undefined): Promise<void> {
  if (format === undefined) {
    await writeFile(run.out("initramfs"), archive);
    return;
  }
  const to = join(run.scratch, "out");
  await mkdir(to);
  await writeFile(join(run.scratch, "cpio"), archive);
  await contained(run, "initramfs-pack", { FORMAT: format }, { "/in/cpio": join(run.scratch, "cpio") }, to);
  await writeFile(run.out("initramfs"), await readFile(join(to, "initramfs")));
}

async function contained(
  run: OpRun,
  script: string,
  env: { readonly [name: string]: string },
  inputs: { readonly [target: string]: string },
  out: string,
): Promise<void> {
  const [tool] = run.tools;
  if (!tool) throw new Error("op initramfs needs a tool image");
  const mounts = Object.entries(inputs).map(([target, source]) => ({ source, target, readOnly: true }));
  await run.container(script, { tool, env, mounts: [...mounts, { source: out, target: "/out", readOnly: false }] });
}
