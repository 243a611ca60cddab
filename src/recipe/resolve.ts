import type { Board } from "../board/board.js";
import type { Location } from "../diagnostic/diagnostic.js";
import { entriesAt, find, listAt, type Path, type Placed, textAt } from "../diagnostic/placed.js";
import type { Fragment } from "../kconfig/fragment.js";
import { parseSize } from "../util/size.js";
import { parsePartitionSize, parseVolumeSize } from "./checks/layout-size.js";
import { isLocalDefconfig, type Locals } from "./local.js";
import type { Recipe } from "./schema/recipe.js";
import type {
  FirstBootSpec,
  ImageSpec,
  KernelSpec,
  LocalFile,
  PartitionSpec,
  ProvisionSpec,
  RootfsSpec,
  RpmRootfsSpec,
  SourceSpec,
  Spec,
  ToolchainSpec,
} from "./spec.js";

/** What a spec is made of, once nothing is wrong with any of it. */
export interface Resolved {
  readonly name: string;
  readonly file: string;
  readonly recipe: Recipe;
  readonly root: Placed;
  readonly board: Board;
  readonly locals: Locals;
  /** Text of every fragment by path. */
  readonly fragments: ReadonlyMap<string, string>;
  readonly files: readonly string[];
}

/** Folds a checked recipe, its board and its files into one spec. */
export function resolveSpec(from: Resolved): Spec {
  const { recipe, board } = from;
  const boot = bootSpec(from);
  return {
    name: from.name,
    description: recipe.description,
    file: from.file,
    board,
    sources: {
      ...(boot.initramfs && "busybox" in boot.initramfs
        ? { [boot.initramfs.busybox]: { kind: "distro", package: "busybox" } as const }
        : {}),
      ...Object.fromEntries(Object.keys(recipe.sources).map((name) => [name, source(from, name)])),
    },
    toolchain: toolchain(recipe),
    lvm: recipe.lvm,
    kernel: kernel(from),
    uboot: {
      source: recipe["u-boot"].source,
      defconfig: board.uboot.defconfig,
      patches: localsAt(from, "u-boot", "patches"),
      fragments: fragments(from, "u-boot"),
    },
    boot,
    rootfs: rootfs(from),
    provision: provision(from),
    ...netboot(from),
    image: image(from),
    lint: {
      accept: recipe.lint.accept.map(({ finding, reason, about }) => ({ finding, reason, ...given({ about }) })),
    },
    proof: proof(recipe, board),
    epoch: recipe.epoch,
    files: from.files,
  };
}

function localsAt({ root, locals }: Resolved, ...path: Path): readonly LocalFile[] {
  return listAt(root, ...path).flatMap((value) => locals.of(value));
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

function only(locals: readonly LocalFile[]): LocalFile {
  const [local] = locals;
  if (local === undefined) throw new Error("a path was resolved that was never found");
  return local;
}

function toolchain(recipe: Recipe): ToolchainSpec {
  if (recipe.toolchain === "distro") return { kind: "distro", prefix: "arm-linux-gnueabihf-", libc: "glibc" };
  return { kind: "source", ...recipe.toolchain };
}

function kernel(from: Resolved): KernelSpec {
  const { kernel } = from.recipe;
  const role = "kernel";
  if ("package" in kernel) return { kind: "package", role, package: kernel.package };
  if ("prebuilt" in kernel) {
    const { prebuilt, ...paths } = kernel;
    const bare = Object.fromEntries(Object.entries(paths).map(([what, path]) => [what, path?.replace(/^\/|\/$/g, "")]));
    return {
      kind: "prebuilt",
      role,
      sources: typeof prebuilt === "string" ? [prebuilt] : prebuilt,
      paths: given(bare),
    };
  }
  return {
    kind: "source",
    role,
    source: kernel.source,
    defconfig: isLocalDefconfig(kernel.defconfig)
      ? { local: only(from.locals.of(find(from.root, "kernel", "defconfig"))) }
      : { inTree: kernel.defconfig },
    patches: localsAt(from, "kernel", "patches"),
    fragments: fragments(from, "kernel"),
    allowDropped: kernel["allow-dropped"],
  };
}

function fragments(from: Resolved, part: "kernel" | "u-boot"): readonly Fragment[] {
  return localsAt(from, part, "fragments").map(({ path, shown }) => ({
    name: shown,
    path,
    text: from.fragments.get(path) ?? "",
  }));
}

/** The initramfs's busybox is the root filesystem's own, or the source of that name, or the distribution's. */
function bootSpec({ recipe: { boot, kernel, rootfs }, root, locals }: Resolved): Spec["boot"] {
  const { initramfs, ...said } = boot;
  const places = listAt(root, "boot", "arguments").map(({ at }) => at);
  const rest = places.length > 0 ? { ...said, places } : said;
  if (typeof initramfs !== "string") {
    return { ...rest, initramfs: { local: only(locals.of(find(root, "boot", "initramfs", "path"))) } };
  }
  const wanted = initramfs === "minimal" || (initramfs === "auto" && !("source" in kernel));
  return wanted ? { ...rest, initramfs: { busybox: "busybox" in rootfs ? rootfs.busybox : "busybox" } } : rest;
}

function rootfs(from: Resolved): RootfsSpec {
  const { board, recipe } = from;
  const said = recipe.rootfs;
  const kernel = "package" in recipe.kernel ? [recipe.kernel.package] : [];
  // openSUSE's kernels come without device trees; those of an SoC's family are a package (kernel-source, rpm/mkspec-dtb).
  const trees = kernel.map(() => `dtb-${board.soc.family}`);
  if ("tar" in said) return { kind: "tar", source: said.tar };
  if ("busybox" in said) return { kind: "busybox", source: said.busybox };
  if ("rpm" in said) {
    const { rpm, repositories, ...wishes } = said;
    return {
      kind: "rpm",
      distro: rpm,
      arch: board.arch.rpm,
      repositories: Object.fromEntries(
        Object.entries(repositories).map(([name, { url, priority }]) => [
          name,
          {
            url: url.replace(/\/+$/, ""),
            priority,
            keys: localsAt(from, "rootfs", "repositories", name, "keys"),
          },
        ]),
      ),
      ...wishes,
      packages: [...new Set([...wishes.packages, ...kernel, ...trees])],
      places: rpmPlaces(from.root, [...kernel, ...trees]),
    };
  }
  return { kind: "distro", ...said, packages: [...said.packages, ...kernel], arch: board.arch.debian };
}

/** `kernel` are the packages that the recipe's kernel brings in. */
function rpmPlaces(root: Placed, kernel: readonly string[]): NonNullable<RpmRootfsSpec["places"]> {
  const chosen = textAt(root, "kernel", "package")?.at;
  const named = ["packages", "patterns", "exclude"].flatMap((kind) =>
    listAt(root, "rootfs", kind).flatMap((value): (readonly [string, Location])[] => {
      const name = textAt(value);
      return name ? [[`${kind}/${name.text}`, name.at]] : [];
    }),
  );
  const urls = entriesAt(root, "rootfs", "repositories").map(
    ({ name, key, value }) => [`repositories/${name}`, find(value, "url")?.at ?? key] as const,
  );
  const packaged = chosen === undefined ? [] : kernel.map((name) => [`packages/${name}`, chosen] as const);
  return Object.fromEntries([...packaged, ...named, ...urls]);
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
      ...given({ address: one.address, gateway: one.gateway }),
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

/** Leaves out what was not said, so that it does not enter a key as undefined. */
function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
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
  const filesystem = said.filesystem ?? "ext4";
  // FAT keeps labels in capitals.
  const known = content === "provision" ? provisionLabel(from) : name;
  const label = said.label ?? (filesystem === "fat32" ? known.toUpperCase().slice(0, 11) : known);
  return { name, content, filesystem, size, label, ...given({ mount: said.mount }) };
}

/** Ignition and Combustion find their filesystem by a label of their own name. */
function provisionLabel({ recipe }: Resolved): string {
  const { firstboot } = recipe.provision;
  return typeof firstboot !== "string" && "combustion" in firstboot ? "combustion" : "ignition";
}

function bytes(size: string | number): number {
  return typeof size === "number" ? size : (parseSize(size) ?? 0);
}

function proof(recipe: Recipe, board: Board): Spec["proof"] {
  const { enabled, checks, timeouts } = recipe.proof;
  return {
    enabled: enabled && board.qemu !== undefined,
    checks: checks.map(({ name, run, expect }) => ({ name, run, ...given({ expect }) })),
    timeouts,
  };
}
