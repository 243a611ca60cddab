import type { Assets, Input, Step } from "../plan/step.js";
import type { Pins, SourcePin } from "../recipe/pins.js";
import type { LocalFile, SourceSpec, Spec } from "../recipe/spec.js";
import { usedSources } from "../recipe/used-sources.js";
import type { Json } from "../util/canonical.js";
import { type Mirror, mirrorLines } from "../util/mirror.js";
import { FETCH } from "./tools.js";

/**
 * How the output of a source's step is packed. `tree`: a tar of the tree itself; `archive`: a tarball as its project
 * published it; `debian`: a tar of a Debian source package's files; `file`: a local file as it is.
 */
export function sourceFormat(source: SourceSpec): "tree" | "archive" | "debian" | "file" {
  switch (source.kind) {
    case "git":
      return "tree";
    case "http":
      return "archive";
    case "distro":
      return "debian";
    case "path":
      return source.local.kind === "tree" ? "tree" : "file";
  }
}

/** One step `source:NAME` for each source in use that has its pin; its output is `source`. */
export function sourceSteps(spec: Spec, pins: Pins, assets: Assets, mirrors: readonly Mirror[]): readonly Step[] {
  return usedSources(spec).flatMap((name) => {
    const source = spec.sources[name];
    if (source === undefined) return [];
    if (source.kind === "path") return [pathStep(name, source.local)];
    const pin = pins.sources[name];
    if (pin === undefined) return [];
    if (source.kind === "git" && pin.kind === "git") return [gitStep(name, source, pin, assets, mirrors)];
    if (source.kind === "http" && pin.kind === "http") return [httpStep(name, source, assets, mirrors)];
    if (source.kind === "distro" && pin.kind === "distro") return [distroStep(name, pin, assets, mirrors)];
    return [];
  });
}

const OUTPUT = [{ name: "source", kind: "file" }] as const;

function gitStep(
  name: string,
  source: SourceSpec & { kind: "git" },
  pin: SourcePin & { kind: "git" },
  assets: Assets,
  mirrors: readonly Mirror[],
): Step {
  const tag = source.keys.length > 0 && "tag" in source.ref ? source.ref.tag : undefined;
  return {
    id: `source:${name}`,
    title: `fetch ${name}: ${pin.ref} (${pin.commit.slice(0, 12)})`,
    action: {
      kind: "container",
      tool: FETCH,
      script: [assets.text("steps/git-url.sh"), assets.text("steps/signature.sh"), assets.script("source-git")].join(
        "\n",
      ),
      env: {
        COMMIT: pin.commit,
        SUBMODULES: source.submodules ? "1" : "0",
        ...(tag === undefined ? {} : { TAG: tag }),
      },
      transient: { URL: source.url, MIRRORS: mirrorLines(mirrors) },
      network: "fetch",
      caps: [],
      caches: [],
    },
    inputs: tag === undefined ? [] : keyInputs(source.keys),
    outputs: OUTPUT,
    identity: {
      git: pin.commit,
      submodules: source.submodules,
      ...(tag === undefined ? {} : { tag, keys: source.keys.map((key) => key.sha256) }),
    },
    weight: "io",
  };
}

function httpStep(
  name: string,
  source: SourceSpec & { kind: "http" },
  assets: Assets,
  mirrors: readonly Mirror[],
): Step {
  const signature = source.keys.length > 0 ? source.signature : undefined;
  return {
    id: `source:${name}`,
    title: `fetch ${name}: ${source.urls[0]?.replace(/^.*\//, "") ?? ""}`,
    action: {
      kind: "op",
      op: "fetch-http",
      args: { name, urls: source.urls, sha256: source.sha256, ...(signature === undefined ? {} : { signature }) },
      transient: { mirrors: mirrors as unknown as Json },
      tools: signature === undefined ? [] : [FETCH],
      scripts:
        signature === undefined
          ? {}
          : { verify: [assets.text("steps/signature.sh"), assets.script("signature-http")].join("\n") },
      // The identity below names the result whatever code fetched it, so that a no-op build need not read that code.
      code: "",
    },
    inputs: signature === undefined ? [] : keyInputs(source.keys),
    outputs: OUTPUT,
    identity: {
      http: source.sha256,
      ...(signature === undefined ? {} : { signature, keys: source.keys.map((key) => key.sha256) }),
    },
    weight: "io",
  };
}

function distroStep(
  name: string,
  pin: SourcePin & { kind: "distro" },
  assets: Assets,
  mirrors: readonly Mirror[],
): Step {
  return {
    id: `source:${name}`,
    title: `fetch ${name}: source package ${pin.package} ${pin.version}`,
    action: {
      kind: "container",
      tool: FETCH,
      script: archiveFiles(assets),
      env: { OUTPUT: "source" },
      transient: { MIRRORS: mirrorLines(mirrors) },
      network: "fetch",
      caps: [],
      caches: [],
    },
    inputs: [{ name: "list", from: { text: fileList(pin.files) } }],
    outputs: OUTPUT,
    identity: {
      package: pin.package,
      version: pin.version,
      files: pin.files.map((file) => file.sha256),
    },
    weight: "io",
  };
}

function pathStep(name: string, local: LocalFile): Step {
  return {
    id: `source:${name}`,
    title: `take ${name}: ${local.shown}`,
    action: {
      kind: "op",
      op: "source-path",
      args: { shown: local.shown, sha256: local.sha256, kind: local.kind },
      tools: [],
      scripts: {},
      code: "",
    },
    inputs: [{ name: "local", from: { local } }],
    outputs: OUTPUT,
    identity: { local: local.sha256, kind: local.kind },
    weight: "io",
  };
}

function keyInputs(keys: readonly LocalFile[]): readonly Input[] {
  return keys.map((local, i) => ({ name: `key-${i}`, from: { local } }));
}

/** Script that fetches locked files of the distribution's archive; see archive-files.sh. */
export function archiveFiles(assets: Assets): string {
  return [assets.script("archive"), assets.text("steps/archive-files.sh")].join("\n");
}

/** The list that archive-files.sh reads. */
export function fileList(files: readonly { readonly path: string; readonly sha256: string }[]): string {
  return files.map((file) => `${file.sha256} ${file.path}\n`).join("");
}
