import { shownPath } from "../diagnostic/render.js";
import type { Spec, VolumeSpec } from "../recipe/spec.js";
import { formatSize } from "../util/size.js";
import { columns } from "./columns.js";

/** A recipe resolved with its board, for people: what it is made of, line by line. */
export function recipeText(spec: Spec, cwd: string): string {
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
        ? `${rootfs.distro} ${rootfs.arch}${rootfs.kiwi ? ` by KIWI from ${rootfs.kiwi.description.shown}` : ""}, ${rootfs.packages.length} packages and ${rootfs.patterns.length} patterns named`
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
    ...(spec.xen ? [["xen", shownXen(spec.xen)] as const] : []),
    ...(spec.guestKernel ? [["guests' kernel", shownKernel(spec.guestKernel, false)] as const] : []),
    ...spec.guests.map((guest) => ["guest", shownGuest(guest)] as const),
    ...(spec.fastModel ? [["fast model", `${spec.fastModel.name}, ${spec.fastModel.title}`] as const] : []),
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

function shownSize(size: VolumeSpec["size"]): string {
  if ("bytes" in size) return formatSize(size.bytes);
  return "percent" in size ? `${size.percent}%` : "rest" in size ? "rest" : "as its content";
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

function shownXen({ from, dom0 }: NonNullable<Spec["xen"]>): string {
  const origin =
    from.kind === "source"
      ? [`${from.source}, ${from.defconfig}`, ...from.fragments.map(({ name }) => name)].join(" + ")
      : from.kind === "package"
        ? `package ${from.package} of the root filesystem`
        : `built elsewhere, from ${from.sources.join(", ")}`;
  const cpus = dom0.vcpus === undefined ? "" : ` and ${dom0.vcpus} CPU${dom0.vcpus === 1 ? "" : "s"}`;
  return `${origin}; dom0 has ${formatSize(dom0.memory)}${cpus}`;
}

function shownGuest({ name, memory, disks, vifs, autostart, dom0less }: Spec["guests"][number]): string {
  const start = dom0less ? "started by Xen" : autostart ? "started with the board" : "started by hand";
  const parts = [...disks.map(({ at }) => at), ...vifs.map(({ bridge }) => bridge)];
  return [name, formatSize(memory), ...parts, start].join(", ");
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
