import type { LockFile } from "../../src/recipe/lock.js";
import { packageWish, refOf, rpmWish } from "../../src/recipe/lock-file.js";
import type { SourcePin } from "../../src/recipe/pins.js";
import type { Spec } from "../../src/recipe/spec.js";
import { usedSources } from "../../src/recipe/used-sources.js";
import { sha256 } from "../../src/util/canonical.js";

/**
 * A lock file that fits a recipe, with invented versions and digests that follow from names alone: a plan made with it
 * changes when the recipe or boardsmith changes, and never because an archive moved on.
 */
export function inventedLock(spec: Spec): LockFile {
  const sources = usedSources(spec).flatMap((name): [string, SourcePin][] => {
    const source = spec.sources[name];
    if (source?.kind === "git") {
      const commit = sha256(`${source.url} ${refOf(source)}`).slice(0, 40);
      return "commit" in source.ref ? [] : [[name, { kind: "git", url: source.url, ref: refOf(source), commit }]];
    }
    if (source?.kind !== "distro") return [];
    const { package: of, version = "1.0-1" } = source;
    const file = (tail: string) => ({ path: `pool/main/${of}_${tail}`, size: 1, sha256: sha256(`${of}_${tail}`) });
    const files = [file(`${version}.debian.tar.xz`), file(`${version.replace(/-.*/, "")}.orig.tar.xz`)];
    return [[name, { kind: "distro", package: of, version, files }]];
  });
  const wish = packageWish(spec);
  const set = (wish?.packages ?? []).map((name) => {
    const path = `pool/main/${name}_1.0-1_${wish?.arch}.deb`;
    return { name, version: "1.0-1", arch: wish?.arch ?? "", path, size: 1, sha256: sha256(path) };
  });
  const rpms = rpmWish(spec);
  const repository = Object.keys(rpms?.repositories ?? {})[0] ?? "";
  const rpmSet = (rpms?.packages ?? []).map((name) => {
    const path = `${rpms?.arch}/${name}-1.0-1.${rpms?.arch}.rpm`;
    const checksum = `sha256:${sha256(path)}`;
    return { name, version: "1.0-1", arch: rpms?.arch ?? "", repository, path, size: 1, checksum };
  });
  return {
    sources: Object.fromEntries(sources),
    ...(wish === undefined ? {} : { packages: { wish, set } }),
    ...(rpms === undefined ? {} : { rpms: { wish: rpms, set: rpmSet } }),
  };
}
