import { sha256 } from "../util/canonical.js";
import type { Tree } from "./tree.js";

/**
 * Where distributions and vendors put a kernel's files:
 *
 *   Debian      boot/vmlinuz-VERSION   usr/lib/linux-image-VERSION/     lib/modules/VERSION   boot/config-VERSION
 *   openSUSE    usr/lib/modules/VERSION/{zImage,vmlinuz,config}         boot/dtb-VERSION/, VERSION without its -default
 *   Fedora      usr/lib/modules/VERSION/{vmlinuz,config,dtb/}           boot/dtb-VERSION/
 *   tarballs    anything: zImage, dtbs/ or *.dtb, lib/modules/VERSION, .config
 */
const TREE_FOLDERS = [
  "usr/lib/linux-image-VERSION",
  "lib/linux-image-VERSION",
  "usr/lib/modules/VERSION/dtb",
  "usr/lib/modules/VERSION/dtbs",
  "lib/modules/VERSION/dtb",
  "lib/modules/VERSION/dtbs",
  "boot/dtb-VERSION",
  "boot/dtbs/VERSION",
  "boot/dtbs-VERSION",
  "boot/dtb",
  "boot/dtbs",
  "dtbs",
  "dtb",
];
const CONFIG_FILES = [
  "boot/config-VERSION",
  "usr/lib/modules/VERSION/config",
  "lib/modules/VERSION/config",
  "config-VERSION",
  "boot/config",
  "config",
  ".config",
];

/** Paths of files named like a kernel image: those for which `isImage` holds, each content once, and the others. */
export function kernelImages(
  tree: Tree,
  isImage: (bytes: Buffer) => boolean,
): { readonly images: readonly string[]; readonly others: readonly string[] } {
  const named = [...tree.nodes()].filter(
    ({ path, type }) => type === "file" && /(^|\/)(zImage|vmlinuz)[^/]*$/.test(path),
  );
  const images = new Map<string, string>();
  const others: string[] = [];
  for (const { path } of named) {
    const bytes = tree.read(path);
    if (!bytes || !isImage(bytes)) others.push(path);
    else if (!images.has(sha256(bytes))) images.set(sha256(bytes), path);
  }
  return { images: [...images.values()], others };
}

/** Folders whose subfolders are named after kernel versions and hold modules. */
export function moduleFolders(tree: Tree): readonly string[] {
  const found = new Set<string>();
  for (const { path } of tree.nodes()) {
    const base = /^((?:.*\/)?lib\/modules)\/[^/]+\/./.exec(path)?.[1];
    if (base !== undefined) found.add(base);
  }
  return [...found].sort();
}

/** The folder of a kernel's device trees: one that is known to be such, or the one that all *.dtb lie below. */
export function treeFolder(tree: Tree, release: string): string | undefined {
  const all = [...tree.nodes()].map(({ path }) => path).filter((path) => path.endsWith(".dtb"));
  // Device trees are one package for all of a kernel's flavours (openSUSE's kernel-source, rpm/dtb.spec.in.in).
  for (const version of [release, release.replace(/-[a-z0-9]+$/, "")]) {
    for (const known of TREE_FOLDERS) {
      const folder = tree.resolve(known.replace("VERSION", version));
      if (folder !== undefined && all.some((path) => path.startsWith(`${folder}/`))) return folder;
    }
  }
  const folders = all.map((path) => path.split("/").slice(0, -1));
  const [first, ...rest] = folders;
  if (first === undefined) return undefined;
  const common = first.findIndex((part, i) => rest.some((folder) => folder[i] !== part));
  return (common < 0 ? first : first.slice(0, common)).join("/");
}

/** The kernel's own configuration as its package brings it, or undefined. */
export function configFile(tree: Tree, release: string): string | undefined {
  return CONFIG_FILES.map((path) => path.replace("VERSION", release)).find((path) => tree.get(path)?.type === "file");
}
