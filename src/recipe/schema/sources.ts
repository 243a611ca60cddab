import { z } from "zod";
import { form, path, text } from "./text.js";

const keys = () =>
  z.array(path()).default([]).describe("Files with OpenPGP public keys, one of which must have made the signature.");

const GitSource = z
  .strictObject({
    git: text().describe("URL of the repository, as `git clone` takes it."),
    branch: text().optional().describe("Branch whose newest commit `lock` pins. One of branch, tag, commit."),
    tag: text().optional().describe("Tag that `lock` pins to its commit. One of branch, tag, commit."),
    commit: form(/^[0-9a-f]{40}$/, "a whole commit id of 40 hex digits, lower case")
      .optional()
      .describe("The exact commit. One of branch, tag, commit."),
    submodules: z.boolean().default(false).describe("Fetch the submodules as well."),
    keys: keys().describe("Files with OpenPGP public keys, one of which must have signed the tag."),
  })
  .describe("A commit of a git repository.");

const HttpSource = z
  .strictObject({
    http: z
      .union([text(), z.array(text()).min(1)])
      .describe("URL of the file, or several that hold the same bytes; tried in order."),
    sha256: form(/^[0-9a-f]{64}$/, "a SHA-256 of 64 hex digits, lower case").describe(
      "SHA-256 of the file. Mandatory: a download without one could be anything.",
    ),
    signature: text()
      .optional()
      .describe("URL of a detached OpenPGP signature of the file or of its uncompressed form. Needs keys."),
    keys: keys(),
  })
  .describe("A file from a web server, most often a tarball.");

const DistroSource = z
  .strictObject({
    distro: form(/^[a-z0-9][a-z0-9+.-]+$/, "the name of a source package").describe(
      "Name of a source package of the tool image's distribution, with its patches.",
    ),
    version: text().optional().describe("Exact version; without it, `lock` pins the newest."),
  })
  .describe("A source package of the distribution that boardsmith's tool image is made of.");

const PathSource = z
  .strictObject({ path: path().describe("A folder or file on this machine, relative to the recipe.") })
  .describe("A local tree or file, known by its content.");

/** `sources:` — what is built from, by name. The first key of each variant names its kind. */
export const Sources = z.record(
  form(/^[a-z0-9][a-z0-9._-]*$/, "a source's name of lower-case letters, digits, dots and dashes"),
  z.union([GitSource, HttpSource, DistroSource, PathSource]),
);

/** `toolchain:` — the cross compiler. */
export const Toolchain = z.union([
  z.literal("distro"),
  z
    .strictObject({
      source: text().describe("Name of the source that is the toolchain's tarball."),
      prefix: form(/^[A-Za-z0-9_.+-]+-$/, "a prefix that ends in a dash, such as arm-linux-gnueabihf-").describe(
        "What stands before `gcc` in the compiler's name.",
      ),
      libc: z
        .enum(["glibc", "musl", "uclibc", "newlib", "nolibc"])
        .describe("C library it comes with; nolibc builds kernels and U-Boot, but no userland."),
    })
    .describe("A toolchain from a tarball."),
]);
