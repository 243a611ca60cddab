import { z } from "zod";
import { form, path, sourceName, text } from "./text.js";

const Distro = z
  .strictObject({
    distro: z.enum(["debian"]).describe("The distribution; its own bootstrapper installs the packages."),
    suite: form(/^[a-z][a-z0-9-]*$/, "a suite such as trixie")
      .default("trixie")
      .describe("Release of the distribution."),
    packages: z
      .array(form(/^[a-z0-9][a-z0-9+.-]+$/, "the name of a package"))
      .default([])
      .describe("Packages beyond the distribution's minimal set; their dependencies come along."),
    recommends: z.boolean().default(false).describe("Install recommended packages as well."),
  })
  .describe("Packages of a distribution.");

const RPM_NAME = /^[A-Za-z0-9_][A-Za-z0-9._+-]*$/;

const RpmRepository = z.strictObject({
  url: text().describe("URL of the repository: the folder that `repodata/` is in."),
  priority: z.int().min(1).max(200).default(99).describe("As zypper's: of two repositories the lower number wins."),
  keys: z
    .array(path())
    .default([])
    .describe("Files with OpenPGP public keys, one of which must have signed the metadata. This or `unsigned: true`."),
  unsigned: z.boolean().default(false).describe("Take the repository as it comes, whoever made it."),
});

const RpmRepositories = z
  .record(form(/^[a-z0-9][a-z0-9._-]*$/, "a name of lower-case letters, digits, dots and dashes"), RpmRepository)
  .describe("The rpm-md repositories, by name.");

const Rpm = z
  .strictObject({
    rpm: z
      .enum(["opensuse"])
      .describe("The distribution; libsolv, zypper's solver, finds the package set, and rpm installs it."),
    repositories: RpmRepositories,
    packages: z
      .array(form(RPM_NAME, "the name of a package"))
      .default([])
      .describe("Packages; their dependencies come along."),
    patterns: z
      .array(form(RPM_NAME, "the name of a pattern such as minimal_base"))
      .default([])
      .describe("Patterns: what they require comes, what they recommend only with `recommends: true`."),
    exclude: z
      .array(form(RPM_NAME, "the name of a package"))
      .default([])
      .describe("Packages that must not come, whatever asks for them."),
    recommends: z.boolean().default(false).describe("Install recommended packages as well."),
  })
  .describe("Packages of an rpm distribution, for the board's architecture.");

const Kiwi = z
  .strictObject({
    kiwi: path().describe(
      "Folder of a KIWI description (config.xml, or one *.kiwi file). kiwi-ng installs its packages, at the versions of the lock file, and runs its scripts; the image stays boardsmith's.",
    ),
    profiles: z
      .array(text())
      .default([])
      .describe("Profiles of the description; without any, those that it imports by default."),
    repositories: RpmRepositories.describe(
      "The rpm-md repositories, by name, in place of the description's own: these have keys.",
    ),
  })
  .describe("A KIWI description's root filesystem, for the board's architecture.");

const Tar = z
  .strictObject({ tar: sourceName().describe("Name of the source that is a rootfs tarball (plain, gz, xz, zst).") })
  .describe("Any rootfs tarball.");

const Busybox = z
  .strictObject({ busybox: sourceName().describe("Name of the source that is busybox's tree.") })
  .describe("A minimal root filesystem of one busybox, compiled from source.");

/** `rootfs:` — the first key of each variant names its kind. */
export const Rootfs = z.union([Distro, Rpm, Kiwi, Tar, Busybox]);
