import type { Board } from "../board/board.js";
import type { Model } from "../board/model.js";
import { find, listAt } from "../diagnostic/placed.js";
import { CARD_LABEL } from "./card-label.js";
import { parsePartitionSize, parseVolumeSize } from "./checks/layout-size.js";
import { resolveGuests } from "./resolve-guests.js";
import { resolveGuestKernel, resolveKernel, resolveXen } from "./resolve-kernel.js";
import { resolveRootfs } from "./resolve-rootfs.js";
import { bytes, fragments, given, localsAt, only, type Resolved } from "./resolved.js";
import type { Recipe } from "./schema/recipe.js";
import type {
  FirstBootSpec,
  ImageSpec,
  PartitionSpec,
  ProvisionSpec,
  SourceSpec,
  Spec,
  ToolchainSpec,
} from "./spec.js";
import { BUSYBOX } from "./used-sources.js";

/** What an initramfs's busybox is compiled from where the recipe names no source. */
const DISTRO_BUSYBOX = { kind: "distro", package: "busybox" } as const;

/** Folds a checked recipe, its board and its files into one spec. */
export function resolveSpec(from: Resolved): Spec {
  const { recipe, board } = from;
  const boot = bootSpec(from);
  const guests = resolveGuests(from);
  return {
    name: from.name,
    description: recipe.description,
    file: from.file,
    board,
    sources: {
      ...(boot.initramfs && "busybox" in boot.initramfs ? { [boot.initramfs.busybox]: DISTRO_BUSYBOX } : {}),
      ...(guests.some(({ ramdisk }) => ramdisk?.kind === "minimal") ? { [BUSYBOX]: DISTRO_BUSYBOX } : {}),
      ...Object.fromEntries(Object.keys(recipe.sources).map((name) => [name, source(from, name)])),
    },
    toolchain: toolchain(recipe),
    lvm: recipe.lvm,
    kernel: resolveKernel(from),
    ...resolveXen(from),
    ...resolveGuestKernel(from),
    uboot: {
      source: recipe["u-boot"].source,
      defconfig: board.uboot.defconfig,
      patches: localsAt(from, "u-boot", "patches"),
      fragments: fragments(from, "u-boot"),
    },
    boot,
    rootfs: resolveRootfs(from),
    provision: provision(from),
    ...netboot(from),
    image: image(from),
    ...(from.model ? { fastModel: from.model } : {}),
    guests,
    lint: {
      accept: recipe.lint.accept.map(({ finding, reason, about }) => ({ finding, reason, ...given({ about }) })),
    },
    proof: proof(recipe, board, from.model),
    epoch: recipe.epoch,
    files: from.files,
  };
}

function source(from: Resolved, name: string): SourceSpec {
  const said = from.recipe.sources[name];
  if (said === undefined) throw new Error(`no source ${name}`);
  const keys = localsAt(from, "sources", name, "keys");
  if ("git" in said) {
    const ref =
      said.commit !== undefined
        ? { commit: said.commit }
        : said.tag !== undefined
          ? { tag: said.tag }
          : { branch: said.branch ?? "" };
    return { kind: "git", url: said.git, ref, submodules: said.submodules, keys };
  }
  if ("http" in said) {
    const urls = typeof said.http === "string" ? [said.http] : said.http;
    const signature = said.signature === undefined ? {} : { signature: said.signature };
    return { kind: "http", urls, sha256: said.sha256, ...signature, keys };
  }
  if ("distro" in said) {
    return { kind: "distro", package: said.distro, ...(said.version === undefined ? {} : { version: said.version }) };
  }
  return { kind: "path", local: only(from.locals.of(find(from.root, "sources", name, "path"))) };
}

function toolchain(recipe: Recipe): ToolchainSpec {
  if (recipe.toolchain === "distro") return { kind: "distro", prefix: "arm-linux-gnueabihf-", libc: "glibc" };
  return { kind: "source", ...recipe.toolchain };
}

/** The initramfs's busybox is the root filesystem's own, or the source of that name, or the distribution's. */
function bootSpec({ recipe: { boot, kernel, rootfs, xen }, root, locals }: Resolved): Spec["boot"] {
  const { initramfs, ...chosen } = boot;
  // Xen has to be told where dom0's kernel lies, which extlinux.conf cannot say.
  const said = xen ? { ...chosen, method: "script" as const } : chosen;
  const places = listAt(root, "boot", "arguments").map(({ at }) => at);
  const rest = places.length > 0 ? { ...said, places } : said;
  if (typeof initramfs !== "string") {
    return { ...rest, initramfs: { local: only(locals.of(find(root, "boot", "initramfs", "path"))) } };
  }
  const wanted = initramfs === "minimal" || (initramfs === "auto" && !("source" in kernel));
  return wanted ? { ...rest, initramfs: { busybox: "busybox" in rootfs ? rootfs.busybox : BUSYBOX } } : rest;
}

function provision(from: Resolved): ProvisionSpec {
  const said = from.recipe.provision;
  return {
    ...given({ locale: said.locale, timezone: said.timezone, keymap: said.keymap }),
    hostname: said.hostname ?? from.board.name,
    users: said.users.map((user) => ({
      name: user.name,
      sshKeys: user["ssh-keys"].map((key) => key.trim()),
      groups: user.groups,
      ...given({ uid: user.uid, comment: user.comment, passwordHash: user["password-hash"], shell: user.shell }),
    })),
    network: said.network.map((one) => ({
      interface: one.interface,
      dhcp: one.dhcp,
      dns: one.dns,
      ...given({ bridge: one.bridge, address: one.address, gateway: one.gateway }),
    })),
    nfs: said.nfs,
    units: said.units,
    overlays: said.overlays.map((overlay, i) => {
      const [uid = 0, gid = 0] = overlay.owner.split(":").map(Number);
      const local = only(from.locals.of(find(from.root, "provision", "overlays", i, "from")));
      return { from: local, to: overlay.to, uid, gid, ...given({ mode: octal(overlay.mode) }) };
    }),
    firstboot: firstBoot(from),
    // Where the root filesystem is on a server there is nothing to grow.
    grow: said.grow && from.recipe.netboot === undefined,
  };
}

function netboot({ recipe, board, name }: Resolved): Pick<Spec, "netboot"> {
  if (recipe.netboot === undefined) return {};
  const { server, root, interface: port, ...rest } = recipe.netboot;
  const own = { root: root ?? `/srv/nfs/${name}`, interface: port ?? board.ethernet ?? "eth0" };
  return { netboot: { ...rest, ...own, ...given({ server }) } };
}

function firstBoot(from: Resolved): FirstBootSpec {
  const { firstboot } = from.recipe.provision;
  if (typeof firstboot === "string") return { kind: firstboot };
  const kind = "ignition" in firstboot ? "ignition" : "combustion";
  return { kind, from: only(from.locals.of(find(from.root, "provision", "firstboot", kind))) };
}

function octal(mode: string | undefined): number | undefined {
  return mode === undefined ? undefined : Number.parseInt(mode, 8);
}

function image(from: Resolved): ImageSpec {
  const { table, size, align, compress } = from.recipe.image;
  const none = from.recipe.netboot !== undefined && !find(from.root, "image", "partitions");
  const partitions = none ? [] : from.recipe.image.partitions;
  return {
    table,
    size: bytes(size),
    align: bytes(align),
    partitions: partitions.map((one, index) => partition(from, one, index)),
    compress: [...new Set(compress)],
  };
}

function partition(from: Resolved, said: Recipe["image"]["partitions"][number], index: number): PartitionSpec {
  const size = parsePartitionSize(String(said.size)) ?? { rest: true };
  const { name, content } = said;
  if (content === "lvm") {
    const volumes = (said.volumes ?? []).map((volume, at) => {
      const [payload] = from.locals.of(find(from.root, "image", "partitions", index, "volumes", at, "from"));
      return {
        name: volume.name,
        content: volume.content,
        size: parseVolumeSize(String(volume.size)) ?? { rest: true as const },
        label: volume.label ?? volume.name.slice(0, 16),
        ...given({ mount: volume.mount, from: payload }),
      };
    });
    return {
      name,
      content,
      size,
      group: said.group ?? name,
      extentSize: bytes(said["extent-size"] ?? "4MiB"),
      volumes,
    };
  }
  const filesystem = said.filesystem ?? (content === "provision" ? "fat16" : "ext4");
  // FAT keeps labels in capitals.
  const known = content === "provision" ? provisionLabel(from) : name;
  const label = said.label ?? (filesystem !== "ext4" ? known.toUpperCase().slice(0, 11) : known);
  return { name, content, filesystem, size, label, ...given({ mount: said.mount }) };
}

/** Ignition and Combustion find their filesystem by a label of their own name, and so does boardsmith's own first boot. */
function provisionLabel({ recipe }: Resolved): string {
  const { firstboot } = recipe.provision;
  if (typeof firstboot === "string") return CARD_LABEL;
  return "combustion" in firstboot ? "combustion" : "ignition";
}

function proof(recipe: Recipe, board: Board, model: Model | undefined): Spec["proof"] {
  const { enabled, checks, timeouts } = recipe.proof;
  return {
    enabled: enabled && board.qemu !== undefined,
    ...(enabled && model ? { twin: true as const } : {}),
    checks: checks.map(({ name, run, expect }) => ({ name, run, ...given({ expect }) })),
    timeouts,
  };
}
