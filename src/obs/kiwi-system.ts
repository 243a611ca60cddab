import { refuse } from "../diagnostic/failure.js";
import type { KiwiSystem } from "../kiwi/system.js";
import { ignitionArguments } from "../recipe/ignition-arguments.js";
import type { GroupSpec, Spec } from "../recipe/spec.js";
import { firstBootPackages } from "./first-boot-sh.js";

const MiB = 1024 ** 2;
const BOOT = 64;
/** In place of a kernel that boardsmith compiles or takes from elsewhere: KIWI installs packages only. */
const KERNEL = "kernel-default";

/** A recipe in KIWI's terms. Refuses one whose root filesystem is not made of rpm packages. */
export function kiwiSystem(spec: Spec): KiwiSystem {
  const { board, rootfs, provision, image } = spec;
  if (rootfs.kind !== "rpm") {
    throw refuse(
      "not-rpm",
      `recipe "${spec.name}" has no \`rootfs: rpm\`, and KIWI builds root filesystems of rpm packages only`,
      "name a recipe such as cubieboard-opensuse",
    );
  }
  if (rootfs.kiwi !== undefined) {
    throw refuse(
      "has-description",
      `recipe "${spec.name}" is built from a KIWI description already`,
      `take that one as it is: ${rootfs.kiwi.description.shown}`,
    );
  }
  const group = image.partitions.find((partition): partition is GroupSpec => partition.content === "lvm");
  const boot = image.partitions.find(({ content }) => content === "boot");
  const { locale, keymap, timezone, users } = provision;
  return {
    name: spec.name,
    description: spec.description,
    profile: `${board.name}${group ? "-lvm" : ""}`,
    title: `${board.title}${group ? ", root on LVM" : ""}`,
    arch: rootfs.arch,
    ...(locale === undefined ? {} : { locale }),
    ...(keymap === undefined ? {} : { keymap }),
    ...(timezone === undefined ? {} : { timezone }),
    repositories: Object.entries(rootfs.repositories).map(([name, { url, priority }]) => ({ name, url, priority })),
    patterns: rootfs.patterns,
    packages: [...rootfs.packages, ...(group ? ["lvm2"] : []), ...firstBootPackages(provision)],
    exclude: rootfs.exclude,
    recommends: rootfs.recommends,
    kernel: spec.kernel.kind === "package" ? spec.kernel.package : KERNEL,
    kernelLine: [
      `console=${board.console.device},${board.console.baud}`,
      ...ignitionArguments(spec),
      ...spec.boot.arguments,
    ].join(" "),
    users: users.map(({ name, passwordHash, comment, groups, shell }) => ({
      name,
      groups,
      ...(passwordHash === undefined ? {} : { passwordHash }),
      ...(comment === undefined ? {} : { comment }),
      ...(shell === undefined ? {} : { shell }),
    })),
    size: Math.floor(image.size / MiB),
    bootSize: boot && "bytes" in boot.size ? Math.ceil(boot.size.bytes / MiB) : BOOT,
    ...(group ? { group: volumesOf(group) } : {}),
  };
}

function volumesOf(group: GroupSpec): NonNullable<KiwiSystem["group"]> {
  const mebibytes = (size: GroupSpec["volumes"][number]["size"]) =>
    "bytes" in size ? { size: Math.ceil(size.bytes / MiB) } : {};
  const swap = group.volumes.find(({ content }) => content === "swap");
  return {
    name: group.group,
    volumes: group.volumes.flatMap(({ name, content, mount, size }) => {
      if (content === "root") return [{ name, mount: "/", ...mebibytes(size) }];
      return content === "empty" && mount !== undefined ? [{ name, mount, ...mebibytes(size) }] : [];
    }),
    ...(swap && "bytes" in swap.size ? { swap: Math.ceil(swap.size.bytes / MiB) } : {}),
  };
}
