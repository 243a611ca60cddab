import type { SourcePin } from "../../recipe/pins.js";
import type { SourceSpec } from "../../recipe/spec.js";
import { purl } from "../purl.js";
import { type Component, type Reference, sha256Hash } from "./component.js";

/** Where a thing was compiled from: references with digests, and its package URL. `version` is the thing's own. */
export function sourceOf(
  name: string,
  source: SourceSpec | undefined,
  pin: SourcePin | undefined,
  version: string | undefined,
): Pick<Component, "purl" | "externalReferences"> {
  if (pin?.kind === "git") {
    const url = `git+${pin.url}@${pin.commit}`;
    return {
      purl: purl("generic", [name], version ?? pin.commit, { vcs_url: url }),
      externalReferences: [{ type: "vcs", url: pin.url, comment: `commit ${pin.commit}, ${pin.ref}` }],
    };
  }
  if (pin?.kind === "distro") {
    return {
      purl: purl("deb", ["debian", pin.package], pin.version, { arch: "source" }),
      externalReferences: pin.files.map(
        ({ path, sha256 }): Reference => ({
          type: "source-distribution",
          url: encodeURI(path),
          comment: "below the root of the distribution's archive",
          hashes: [sha256Hash(sha256)],
        }),
      ),
    };
  }
  if (source?.kind === "http") {
    const { urls, sha256 } = source;
    return {
      purl: purl("generic", [name], version, { download_url: urls[0], checksum: `sha256:${sha256}` }),
      externalReferences: urls.map((url) => ({ type: "source-distribution", url, hashes: [sha256Hash(sha256)] })),
    };
  }
  if (source?.kind === "path") {
    const { shown, kind, sha256 } = source.local;
    const hashes = kind === "file" ? { hashes: [sha256Hash(sha256)] } : {};
    const comment = kind === "file" ? "a local file" : `a local tree with digest ${sha256}`;
    return {
      purl: purl("generic", [name], version),
      externalReferences: [{ type: "source-distribution", url: encodeURI(shown), comment, ...hashes }],
    };
  }
  return { purl: purl("generic", [name], version) };
}
