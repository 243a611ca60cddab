import type { Location } from "../diagnostic/diagnostic.js";
import { entriesAt, find, listAt, type Placed, textAt } from "../diagnostic/placed.js";
import { localsAt, only, type Resolved } from "./resolved.js";
import type { Recipe } from "./schema/recipe.js";
import type { RootfsSpec, RpmRootfsSpec } from "./spec.js";

/** The root filesystem, with what kernel and hypervisor bring into its packages. */
export function resolveRootfs(from: Resolved): RootfsSpec {
  const { board, recipe } = from;
  const said = recipe.rootfs;
  const kernel = "package" in recipe.kernel ? [recipe.kernel.package] : [];
  const boots = [...kernel, ...(recipe.xen && "package" in recipe.xen ? [recipe.xen.package] : [])];
  // openSUSE's kernels come without device trees; those of an SoC's family are a package (kernel-source, rpm/mkspec-dtb).
  const trees = kernel.map(() => `dtb-${board.soc.family}`);
  if ("tar" in said) return { kind: "tar", source: said.tar };
  if ("busybox" in said) return { kind: "busybox", source: said.busybox };
  if ("rpm" in said) {
    const { rpm, repositories: _, ...wishes } = said;
    return {
      kind: "rpm",
      distro: rpm,
      arch: board.arch.rpm,
      repositories: repositories(from, said.repositories),
      ...wishes,
      packages: [...new Set([...wishes.packages, ...boots, ...trees])],
      places: rpmPlaces(from.root, [...kernel, ...trees]),
    };
  }
  if ("kiwi" in said) {
    if (from.kiwi === undefined) throw new Error("a description was resolved that was never read");
    const { places, packages, patterns, exclude, recommends, removes, lvm } = from.kiwi;
    return {
      kind: "rpm",
      distro: "opensuse",
      arch: board.arch.rpm,
      repositories: repositories(from, said.repositories),
      packages: [...new Set([...packages, ...boots, ...trees])],
      patterns,
      exclude,
      recommends,
      kiwi: {
        description: only(from.locals.of(find(from.root, "rootfs", "kiwi"))),
        profiles: said.profiles,
        removes,
        lvm,
      },
      places: { ...rpmPlaces(from.root, [...kernel, ...trees]), ...places },
    };
  }
  return { kind: "distro", ...said, packages: [...said.packages, ...boots], arch: board.arch.debian };
}

function repositories(from: Resolved, said: Extract<Recipe["rootfs"], { repositories: unknown }>["repositories"]) {
  return Object.fromEntries(
    Object.entries(said).map(([name, { url, priority }]) => [
      name,
      { url: url.replace(/\/+$/, ""), priority, keys: localsAt(from, "rootfs", "repositories", name, "keys") },
    ]),
  );
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
