import { Document, isMap, visit } from "yaml";
import { z } from "zod";
import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { keyOf } from "../diagnostic/placed.js";
import { validate } from "../diagnostic/validate.js";
import { parseYaml } from "../diagnostic/yaml.js";
import type { LockFile, PlacedLock } from "./lock.js";
import type { RpmPin, SourcePin } from "./pins.js";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "expected a SHA-256 digest, 64 hex digits");
const path = z.string().regex(/^pool\/[A-Za-z0-9/+._~:-]+$/, "expected a path below the archive's pool/");
const file = z.strictObject({ path, size: z.int(), sha256 });
const word = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9+.~:-]*$/, "expected a package's name or version");
const digits = z
  .string()
  .regex(/^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/, "expected sha256: or sha512: and its hex digits");
const below = z
  .string()
  .regex(
    /^(?!\/)(?!.*(^|\/)\.\.?(\/|$))[A-Za-z0-9/+._~^:@-]+\.rpm$/,
    "expected the path of an .rpm below its repository",
  );
const rpmWord = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9+._~^:-]*$/, "expected a package's name or version");
const rpm = z.strictObject({
  name: rpmWord,
  version: rpmWord,
  arch: rpmWord,
  repository: z.string(),
  path: below,
  size: z.int(),
  checksum: digits,
});
const schema = z.strictObject({
  lock: z.literal(1),
  sources: z
    .record(
      z.string(),
      z.union([
        z.strictObject({
          git: z.string(),
          ref: z.string(),
          commit: z.string().regex(/^[0-9a-f]{40}$/, "expected a commit, 40 hex digits"),
        }),
        z.strictObject({ distro: word, version: word, files: z.array(file).min(1) }),
      ]),
    )
    .optional(),
  packages: z
    .strictObject({
      for: z.strictObject({
        distro: z.string(),
        suite: z.string(),
        arch: z.string(),
        recommends: z.boolean(),
        packages: z.array(z.string()),
      }),
      set: z.array(z.strictObject({ name: word, version: word, arch: word, path, size: z.int(), sha256 })).min(1),
    })
    .optional(),
  rpms: z
    .strictObject({
      for: z.strictObject({
        distro: z.string(),
        arch: z.string(),
        recommends: z.boolean(),
        repositories: z.record(z.string(), z.strictObject({ url: z.string(), priority: z.int() })),
        patterns: z.array(z.string()),
        packages: z.array(z.string()),
        exclude: z.array(z.string()),
      }),
      set: z.array(rpm).min(1),
      added: z.array(rpm).min(1).optional(),
    })
    .optional(),
});

/** Reads a lock file; every mistake with its place. */
export function parseLock(
  name: string,
  text: string,
): { readonly lock?: PlacedLock; readonly diagnostics: readonly Diagnostic[] } {
  const { root, diagnostics } = parseYaml(name, text);
  if (root === undefined || diagnostics.length > 0) return { diagnostics };
  const checked = validate(schema, root);
  if (checked.value === undefined) return { diagnostics: checked.diagnostics };
  const { sources = {}, packages, rpms } = checked.value;
  const pins = Object.entries(sources).map(([source, pin]): [string, SourcePin] => [
    source,
    "git" in pin
      ? { kind: "git", url: pin.git, ref: pin.ref, commit: pin.commit }
      : { kind: "distro", package: pin.distro, version: pin.version, files: pin.files },
  ]);
  const lock: PlacedLock = {
    sources: Object.fromEntries(pins),
    sourceAt: Object.fromEntries(pins.map(([source]) => [source, keyOf(root, ["sources", source])])),
    ...(packages && { packages: { wish: packages.for, set: packages.set }, packagesAt: keyOf(root, ["packages"]) }),
    ...(rpms && {
      rpms: {
        wish: rpms.for,
        set: [...rpms.set, ...(rpms.added ?? []).map((pin) => ({ ...pin, added: true as const }))],
      },
      packagesAt: keyOf(root, ["rpms"]),
    }),
  };
  return { lock, diagnostics: [] };
}

/** The lock file's text: the same pins give the same text, a line for each file and package, so that diffs read well. */
export function formatLock(recipe: string, lock: LockFile): string {
  const sources = Object.keys(lock.sources).sort();
  const document = new Document({
    lock: 1,
    ...(sources.length > 0 && {
      sources: Object.fromEntries(sources.map((name) => [name, entry(lock.sources[name])])),
    }),
    ...(lock.packages && {
      packages: {
        for: { ...lock.packages.wish },
        set: [...lock.packages.set]
          .sort(byName)
          .map(({ name, version, arch, path, size, sha256 }) => ({ name, version, arch, path, size, sha256 })),
      },
    }),
    ...(lock.rpms && {
      rpms: {
        for: { ...lock.rpms.wish },
        set: rpmLines(lock.rpms.set.filter((pin) => !pin.added)),
        ...(lock.rpms.set.some((pin) => pin.added) && { added: rpmLines(lock.rpms.set.filter((pin) => pin.added)) }),
      },
    }),
  });
  // Lists of files and packages: one flow map a line.
  visit(document, {
    Seq(_, list) {
      for (const value of list.items) if (isMap(value)) value.flow = true;
    },
  });
  return `# Pins of recipe "${recipe}", written by \`boardsmith lock ${recipe}\`. Keep it beside the recipe; change it with\n# \`boardsmith lock ${recipe} --update\`.\n${document.toString({ lineWidth: 0, flowCollectionPadding: true })}`;
}

function rpmLines(pins: readonly RpmPin[]): readonly unknown[] {
  return [...pins].sort(byName).map(({ name, version, arch, repository, path, size, checksum }) => ({
    name,
    version,
    arch,
    repository,
    path,
    size,
    checksum,
  }));
}

function byName(a: { readonly name: string; readonly arch: string }, b: typeof a): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : a.arch < b.arch ? -1 : 1;
}

function entry(pin: SourcePin | undefined): unknown {
  if (pin?.kind === "git") return { git: pin.url, ref: pin.ref, commit: pin.commit };
  if (pin?.kind !== "distro") throw new Error("only git and distro sources are locked");
  return {
    distro: pin.package,
    version: pin.version,
    files: pin.files.map(({ path, size, sha256 }) => ({ path, size, sha256 })),
  };
}
