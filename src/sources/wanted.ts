import { refOf } from "../recipe/lock-file.js";
import type { Pins } from "../recipe/pins.js";
import type { RpmRootfsSpec, SourceSpec, Spec } from "../recipe/spec.js";
import { usedSources } from "../recipe/used-sources.js";
import { repositoryNames } from "../steps/rpms.js";

/** One question to one place: is it there? */
export type Question =
  | { readonly kind: "file"; readonly url: string /** Bytes, where the lock knows them. */; readonly size?: number }
  /** An rpm-md repository, by the URL of its folder. */
  | { readonly kind: "repository"; readonly url: string }
  | { readonly kind: "git"; readonly url: string /** `refs/heads/main` */; readonly ref?: string }
  /** A file of the distribution's archive, whose hosts the tool image knows; without a path the archive itself. */
  | { readonly kind: "archive"; readonly path?: string };

/** Something that a recipe is made from and that comes from elsewhere. */
export interface Wanted {
  /** `linux`, `linux, signature`, `repository oss`, `packages`. */
  readonly name: string;
  readonly kind: "http" | "git" | "rpm" | "distro";
  /** What holds it fast: a digest, a commit, a version, a set. Undefined: nothing does yet, a lock would ask for it. */
  readonly pin?: string;
  /** All of these are needed; of the places in each, one that has it is enough. */
  readonly files: readonly (readonly Question[])[];
  /** The step whose result it is; with that in the store no place is needed. */
  readonly step?: string;
  /** A repository whose packages are locked is asked again only by `lock --update`. */
  readonly onlyToUpdate?: true;
}

/** Everything that a build of the recipe with these pins, or locking it where there is none, would fetch. */
export function wantedOf(spec: Spec, pins: Pins): readonly Wanted[] {
  return [...usedSources(spec).flatMap((name) => source(name, spec.sources[name], pins)), ...packages(spec, pins)];
}

function source(name: string, said: SourceSpec | undefined, pins: Pins): readonly Wanted[] {
  const pin = pins.sources[name];
  const step = `source:${name}`;
  switch (said?.kind) {
    case "http": {
      const files = [said.urls.map((url) => ({ kind: "file", url }) as const)];
      const file: Wanted = { name, kind: "http", pin: `sha256 ${said.sha256.slice(0, 12)}`, files, step };
      if (said.signature === undefined) return [file];
      const signature = { kind: "file", url: said.signature } as const;
      return [file, { name: `${name}, signature`, kind: "http", pin: "keys", files: [[signature]], step }];
    }
    case "git": {
      const ref =
        "branch" in said.ref
          ? { ref: `refs/heads/${said.ref.branch}` }
          : "tag" in said.ref
            ? { ref: `refs/tags/${said.ref.tag}` }
            : {};
      const files = [[{ kind: "git", url: said.url, ...ref } as const]];
      if (pin?.kind !== "git") return [{ name, kind: "git", files }];
      const commit = `commit ${pin.commit.slice(0, 12)}`;
      return [{ name, kind: "git", pin: "commit" in said.ref ? commit : `${refOf(said)}, ${commit}`, files, step }];
    }
    case "distro": {
      if (pin?.kind !== "distro") return [{ name, kind: "distro", files: [[{ kind: "archive" }]] }];
      const files = pin.files.map(({ path }) => [{ kind: "archive", path } as const]);
      return [{ name, kind: "distro", pin: `${pin.package} ${pin.version}`, files, step }];
    }
    default:
      return [];
  }
}

function packages({ rootfs }: Spec, { packages: debs, rpms }: Pins): readonly Wanted[] {
  if (rootfs.kind === "rpm") {
    const repositories = repositoryNames(rootfs).map((name): Wanted => {
      const files = [[{ kind: "repository", url: rootfs.repositories[name]?.url ?? "" } as const]];
      return { name: `repository ${name}`, kind: "rpm", files, ...(rpms ? { onlyToUpdate: true } : {}) };
    });
    return rpms === undefined ? repositories : [...repositories, rpmSet(rootfs, rpms)];
  }
  if (rootfs.kind !== "distro") return [];
  if (debs === undefined) return [{ name: "packages", kind: "distro", files: [[{ kind: "archive" }]] }];
  const files = debs.map(({ path }) => [{ kind: "archive", path } as const]);
  return [{ name: "packages", kind: "distro", pin: `${debs.length} of ${rootfs.suite}`, files, step: "packages" }];
}

function rpmSet(rootfs: RpmRootfsSpec, rpms: NonNullable<Pins["rpms"]>): Wanted {
  const files = rpms.map(({ repository, path, size }) => {
    const encoded = path.split("/").map(encodeURIComponent).join("/");
    return [{ kind: "file", url: `${rootfs.repositories[repository]?.url}/${encoded}`, size } as const];
  });
  return { name: "packages", kind: "rpm", pin: `${rpms.length} of ${rootfs.distro}`, files, step: "packages" };
}
