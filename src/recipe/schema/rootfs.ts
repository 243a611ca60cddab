import { z } from "zod";
import { form, sourceName } from "./text.js";

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

const Tar = z
  .strictObject({ tar: sourceName().describe("Name of the source that is a rootfs tarball (plain, gz, xz, zst).") })
  .describe("Any rootfs tarball.");

const Busybox = z
  .strictObject({ busybox: sourceName().describe("Name of the source that is busybox's tree.") })
  .describe("A minimal root filesystem of one busybox, compiled from source.");

/** `rootfs:` — the first key of each variant names its kind. */
export const Rootfs = z.union([Distro, Tar, Busybox]);
