import type { Tree } from "../tree.js";

/** Whether a package owns a path (below the root, without symlinks in it). */
export type OwnedByPackage = (path: string) => boolean;

const DPKG = "var/lib/dpkg/info";

/**
 * What the rootfs's package database says of a path; undefined when it has none that is known here.
 * dpkg lists its paths as packages shipped them, `/bin/su` where /bin is a link: they are followed through the tree.
 */
export function packageFiles(tree: Tree): OwnedByPackage | undefined {
  if (!tree.has("var/lib/dpkg/status")) return undefined;
  const byName = new Map<string, Set<string>>();
  for (const file of tree.list(DPKG)) {
    if (!file.endsWith(".list")) continue;
    for (const path of (tree.text(`${DPKG}/${file}`) ?? "").split("\n")) {
      const name = path.slice(path.lastIndexOf("/") + 1);
      if (name === "") continue;
      const known = byName.get(name);
      if (known) known.add(path);
      else byName.set(name, new Set([path]));
    }
  }
  return (path) => {
    const paths = byName.get(path.slice(path.lastIndexOf("/") + 1));
    return [...(paths ?? [])].some((one) => tree.resolve(one, "keep") === path);
  };
}
