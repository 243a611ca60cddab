import { Refused } from "../../diagnostic/failure.js";
import { shownPath } from "../../diagnostic/render.js";
import { findRecipe, listRecipes } from "../../recipe/find.js";
import { loadRecipe } from "../../recipe/load.js";
import type { Spec, VolumeSpec } from "../../recipe/spec.js";
import { formatSize } from "../../util/size.js";
import { columns } from "../columns.js";
import type { CommandBody } from "../command.js";
import { nodeFiles } from "../node-files.js";

/** `boardsmith recipes [NAME] [--json]`: the recipes, or one resolved with its board. Password hashes are not shown. */
export const run: CommandBody = async ({ stdout, cwd, home }, [wish], { json }) => {
  if (wish === undefined) {
    const all = await listRecipes(nodeFiles(), { cwd, home });
    const loaded = await Promise.all(
      all.map(async (one) => ({ ...one, ...(await loadRecipe(one.file, nodeFiles(), { cwd, home })) })),
    );
    if (json) {
      const list = loaded.map(({ name, file, spec }) => ({
        name,
        file,
        description: spec?.description ?? null,
        board: spec?.board.name ?? null,
      }));
      stdout.write(`${JSON.stringify(list, null, 2)}\n`);
    } else {
      const broken = "has mistakes, see `boardsmith check`";
      stdout.write(
        columns(loaded.map(({ name, spec }) => [name, spec?.board.name ?? "", spec?.description ?? broken])),
      );
    }
    return 0;
  }
  const found = await findRecipe(wish, nodeFiles(), { cwd, home });
  const { spec, diagnostics } = await loadRecipe(found, nodeFiles(), { cwd, home });
  if (spec === undefined) throw new Refused(diagnostics);
  stdout.write(json ? `${JSON.stringify(withoutSecrets(spec), null, 2)}\n` : describe(spec, cwd));
  return 0;
};

function withoutSecrets(spec: Spec): Spec {
  const users = spec.provision.users.map((user) =>
    user.passwordHash === undefined ? user : { ...user, passwordHash: "(hidden)" },
  );
  return { ...spec, provision: { ...spec.provision, users } };
}

function shownSize(size: VolumeSpec["size"]): string {
  if ("bytes" in size) return formatSize(size.bytes);
  return "percent" in size ? `${size.percent}%` : "rest" in size ? "rest" : "as its content";
}

function describe(spec: Spec, cwd: string): string {
  const { kernel, rootfs, image, provision } = spec;
  const layout = image.partitions.map((one) => {
    if (one.content !== "lvm") return `${one.name} ${one.filesystem} ${shownSize(one.size)}`;
    const volumes = one.volumes.map((volume) => `${volume.name} ${volume.content} ${shownSize(volume.size)}`);
    return `${one.name} volume group ${one.group} ${shownSize(one.size)} (${volumes.join(", ")})`;
  });
  const system =
    rootfs.kind === "distro"
      ? `${rootfs.distro} ${rootfs.suite} ${rootfs.arch}, ${rootfs.packages.length} packages named`
      : rootfs.kind === "rpm"
        ? `${rootfs.distro} ${rootfs.arch}, ${rootfs.packages.length} packages and ${rootfs.patterns.length} patterns named`
        : rootfs.kind === "tar"
          ? `the tarball "${rootfs.source}"`
          : `busybox from "${rootfs.source}"`;
  const facts: (readonly [string, string])[] = [
    ["file", shownPath(spec.file, cwd)],
    ["board", `${spec.board.name}, ${spec.board.title}`],
    ...Object.entries(spec.sources).map(([name, source]): [string, string] => [
      "source",
      `${name}: ${shownSource(source)}`,
    ]),
    ["kernel", shownKernel(kernel, spec.lvm)],
    ...(spec.boot.initramfs ? [["initramfs", shownInitramfs(spec.boot.initramfs)] as const] : []),
    ["u-boot", `${spec.uboot.source}, ${spec.uboot.defconfig}`],
    ["rootfs", system],
    ["hostname", provision.hostname],
    ["users", provision.users.map((user) => user.name).join(", ") || "none"],
    ["first boot", shownFirstBoot(provision)],
    ["image", `${formatSize(image.size)} ${image.table}: ${layout.join(", ")}`],
    [
      "proof",
      spec.proof.enabled
        ? `in QEMU, to ${spec.board.qemu?.until === "login" ? "a login" : "the kernel's start"}`
        : "none",
    ],
  ];
  return `${spec.name}: ${spec.description}\n\n${columns(facts.map(([label, value]) => [`  ${label}`, value]))}`;
}

function shownInitramfs(initramfs: NonNullable<Spec["boot"]["initramfs"]>): string {
  return "busybox" in initramfs ? `minimal, busybox from "${initramfs.busybox}"` : initramfs.local.shown;
}

function shownFirstBoot({ firstboot, users }: Spec["provision"]): string {
  if ("from" in firstboot) return `${firstboot.kind} reads ${firstboot.from.shown}`;
  const able = users.some((user) => user.passwordHash !== undefined || user.sshKeys.length > 0);
  if (firstboot.kind === "password") return able ? "asks nothing" : "asks for root's password";
  return firstboot.kind === "none" ? "asks nothing" : `the wizard of ${firstboot.kind}`;
}

function shownKernel(kernel: Spec["kernel"], lvm: boolean): string {
  switch (kernel.kind) {
    case "source": {
      const defconfig = "inTree" in kernel.defconfig ? kernel.defconfig.inTree : kernel.defconfig.local.shown;
      const fragments = [...kernel.fragments.map(({ name }) => name), ...(lvm ? ["lvm2"] : [])];
      return [`${kernel.source}, ${defconfig}`, ...fragments].join(" + ");
    }
    case "package":
      return `package ${kernel.package} of the root filesystem`;
    case "prebuilt":
      return `built elsewhere, from ${kernel.sources.join(", ")}`;
  }
}

function shownSource(source: Spec["sources"][string]): string {
  if (source.kind === "distro")
    return `the distribution's ${source.package}${source.version ? ` ${source.version}` : ""}`;
  if (source.kind === "path") return source.local.shown;
  if (source.kind === "http") return source.urls[0] ?? "";
  return `${source.url} ${Object.entries(source.ref)
    .map(([kind, name]) => `${kind} ${name}`)
    .join(" ")}`;
}
