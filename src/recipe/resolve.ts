import type { Board } from "../board/board.js";
import type { Location } from "../diagnostic/diagnostic.js";
import { entriesAt, find, listAt, type Path, type Placed, textAt } from "../diagnostic/placed.js";
import { parseSize } from "../util/size.js";
import { parsePartitionSize } from "./checks/layout.js";
import { isLocalDefconfig, type Locals } from "./local.js";
import type { Recipe } from "./schema/recipe.js";
import type {
  Fragment,
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
  return {
    name: from.name,
    description: recipe.description,
    file: from.file,
    board,
    sources: Object.fromEntries(Object.keys(recipe.sources).map((name) => [name, source(from, name)])),
    toolchain: toolchain(recipe),
    lvm: recipe.lvm,
    kernel: kernel(from),
    uboot: {
      source: recipe["u-boot"].source,
      defconfig: board.uboot.defconfig,
      patches: localsAt(from, "u-boot", "patches"),
      fragments: fragments(from, "u-boot"),
    },
    boot: recipe.boot,
    rootfs: rootfs(from),
    provision: provision(from),
    image: image(recipe),
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
  return {
    role: "kernel",
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

function rootfs(from: Resolved): RootfsSpec {
  const { board } = from;
  const said = from.recipe.rootfs;
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
      places: rpmPlaces(from.root),
    };
  }
  return { kind: "distro", ...said, arch: board.arch.debian };
}

function rpmPlaces(root: Placed): NonNullable<RpmRootfsSpec["places"]> {
  const named = ["packages", "patterns", "exclude"].flatMap((kind) =>
    listAt(root, "rootfs", kind).flatMap((value): (readonly [string, Location])[] => {
      const name = textAt(value);
      return name ? [[`${kind}/${name.text}`, name.at]] : [];
    }),
  );
  const urls = entriesAt(root, "rootfs", "repositories").map(
    ({ name, key, value }) => [`repositories/${name}`, find(value, "url")?.at ?? key] as const,
  );
  return Object.fromEntries([...named, ...urls]);
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
    units: said.units,
    overlays: said.overlays.map((overlay, i) => {
      const [uid = 0, gid = 0] = overlay.owner.split(":").map(Number);
      const local = only(from.locals.of(find(from.root, "provision", "overlays", i, "from")));
      return { from: local, to: overlay.to, uid, gid, ...given({ mode: octal(overlay.mode) }) };
    }),
    grow: said.grow,
  };
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

function image(recipe: Recipe): ImageSpec {
  const { table, size, align, partitions, compress } = recipe.image;
  return {
    table,
    size: bytes(size),
    align: bytes(align),
    partitions: partitions.map(
      (partition): PartitionSpec => ({
        name: partition.name,
        content: partition.content,
        filesystem: partition.filesystem,
        size: parsePartitionSize(String(partition.size)) ?? { rest: true },
        // FAT keeps labels in capitals.
        label:
          partition.label ??
          (partition.filesystem === "fat32" ? partition.name.toUpperCase().slice(0, 11) : partition.name),
      }),
    ),
    compress: [...new Set(compress)],
  };
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
