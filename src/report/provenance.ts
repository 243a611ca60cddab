import { conceal } from "../plan/conceal.js";
import type { Facts, Plan } from "../plan/step.js";
import type { Pins } from "../recipe/pins.js";
import type { LocalFile, Spec } from "../recipe/spec.js";
import type { Json } from "../util/canonical.js";
import { type BuildFacts, usedTools } from "./build-facts.js";
import { purl } from "./purl.js";

/** in-toto's ResourceDescriptor, as far as it is used here. */
interface Resource {
  readonly name?: string;
  readonly uri?: string;
  readonly digest: { readonly [algorithm: string]: string };
  readonly annotations?: { readonly [name: string]: Json };
}

/** What `buildType` names: the meaning of the parameters below. */
const BUILD_TYPE = "urn:boardsmith:recipe:v1";

/**
 * How an image came to be: an in-toto Statement v1 (https://in-toto.io/Statement/v1) with SLSA's provenance v1
 * (https://slsa.dev/spec/v1.0/provenance), unsigned. Everything but `metadata` follows from recipe, lock file and
 * program; `metadata` tells of the run that made the image, not of the one that exported it. Ends with a newline.
 */
export function provenance(facts: BuildFacts): string {
  const { spec, pins, version } = facts;
  const { board, file: _file, files: _files, ...recipe } = spec;
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: subjects(facts),
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: BUILD_TYPE,
        externalParameters: conceal(withoutPlaces({ board: board.name, ...recipe } as unknown as Json) as Facts),
        internalParameters: { board: withoutPlaces(board as unknown as Json) },
        resolvedDependencies: [...pinned(pins, spec), ...locals(spec)],
      },
      runDetails: {
        builder: {
          id: "urn:boardsmith",
          version: { boardsmith: version },
          builderDependencies: usedTools(facts).map(({ name, base, id, versions }) => ({
            name: `tool image ${name} (${base.distro} ${base.suite})`,
            digest: { sha256: id },
            annotations: { made: versions },
          })),
        },
        ...metadata(facts),
      },
    },
  };
  return `${JSON.stringify(statement, null, 2)}\n`;
}

function subjects({ plan, results, imageSha256 }: BuildFacts): readonly Resource[] {
  return plan.exports.flatMap(({ step, output, as }) => {
    const object = results.get(step)?.outputs[output];
    if (!object || !/\.img(\.(xz|zst))?$/.test(as)) return [];
    const digest = object.kind === "file" ? object.digest : imageSha256;
    return digest === undefined ? [] : [{ name: as, digest: { sha256: digest } }];
  });
}

function pinned(pins: Pins, spec: Spec): readonly Resource[] {
  const sources = Object.entries(pins.sources).flatMap(([name, pin]): Resource[] => {
    if (pin.kind === "git") {
      return [{ name, uri: `git+${pin.url}`, digest: { gitCommit: pin.commit }, annotations: { ref: pin.ref } }];
    }
    if (pin.kind === "distro") {
      const uri = purl("deb", ["debian", pin.package], pin.version, { arch: "source" });
      return pin.files.map(({ path, sha256 }) => ({ name: `${name}: ${path}`, uri, digest: { sha256 } }));
    }
    const source = spec.sources[name];
    const [uri] = source?.kind === "http" ? source.urls : [];
    return [{ name, ...(uri === undefined ? {} : { uri }), digest: { sha256: pin.sha256 } }];
  });
  const { rootfs } = spec;
  const packages = (pins.packages ?? []).map(({ name, version, arch, path, sha256 }) => ({
    name: path,
    uri: purl("deb", [rootfs.kind === "distro" ? rootfs.distro : "debian", name], version, { arch }),
    digest: { sha256 },
  }));
  return [...sources, ...packages];
}

/** Files and folders of the user's, wherever the spec has them: patches, overlays, keys. */
function locals(spec: Spec): readonly Resource[] {
  const found = new Map<string, Resource>();
  const walk = (value: unknown): void => {
    if (value === null || typeof value !== "object") return;
    if (isLocal(value)) {
      const { shown, kind, sha256 } = value;
      // A folder's digest is over names, modes and contents, and no SHA-256 that anything else computes.
      found.set(`${shown} ${sha256}`, {
        name: shown,
        digest: kind === "file" ? { sha256 } : { boardsmithTree: sha256 },
      });
    }
    for (const one of Object.values(value)) walk(one);
  };
  walk(spec);
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, resource]) => resource);
}

function isLocal(value: object): value is LocalFile {
  return "path" in value && "shown" in value && "sha256" in value;
}

/** The same data without places on this machine. */
function withoutPlaces(value: Json): Json {
  if (Array.isArray(value)) return value.map((one: Json) => withoutPlaces(one));
  if (value === null || typeof value !== "object") return value;
  const ours = "shown" in value || ("name" in value && "text" in value);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !(ours && key === "path"))
      .map(([key, one]) => [key, withoutPlaces(one)]),
  );
}

/** A step and all that it is made from: what only looks at the image afterwards did not make it. */
function neededFor(plan: Plan, id: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(id)) return found;
  found.add(id);
  for (const need of plan.steps.find(({ step }) => step.id === id)?.needs ?? []) neededFor(plan, need, found);
  return found;
}

function metadata({ plan, results }: BuildFacts): { readonly metadata?: object } {
  const made = [...neededFor(plan, "image")].flatMap((step) => results.get(step) ?? []);
  const image = results.get("image");
  if (!image) return {};
  const ends = made.map(({ at }) => Date.parse(at));
  const starts = made.map(({ at, seconds }) => Date.parse(at) - seconds * 1000);
  const iso = (time: number) => new Date(time).toISOString();
  return {
    metadata: {
      invocationId: image.key,
      startedOn: iso(Math.min(...starts)),
      finishedOn: iso(Math.max(...ends)),
    },
  };
}
