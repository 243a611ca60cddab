import type { Tree } from "./tree.js";

/** Who packages a tree: Debian's dpkg, openSUSE's rpm; undefined when nobody does. */
function packager(tree: Tree): "debian" | "opensuse" | undefined {
  if (tree.has("var/lib/dpkg/status")) return "debian";
  return tree.has("usr/lib/sysimage/rpm/Packages.db") ? "opensuse" : undefined;
}

/** The help for what a rootfs lacks, in the words of the distribution it is made of; undefined where the recipe names no packages. */
export function addPackages(
  tree: Tree,
  packages: { readonly debian: string; readonly opensuse: string },
): string | undefined {
  const whose = packager(tree);
  return whose && `add ${packages[whose]} to rootfs.packages`;
}
