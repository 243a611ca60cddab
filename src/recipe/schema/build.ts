import { z } from "zod";
import { form, path, sourceName, text } from "./text.js";

const patches = (what: string) =>
  z
    .array(path())
    .default([])
    .describe(
      `Patches for ${what}, applied in order: files, or folders with a quilt \`series\` file. One that fails stops the build.`,
    );

const fragments = (what: string) =>
  z
    .array(path())
    .default([])
    .describe(
      `Kconfig fragments merged over ${what}'s defconfig, in order. A symbol that does not survive fails the build.`,
    );

/** `kernel:` */
export const Kernel = z.strictObject({
  source: sourceName().describe("Name of the source that is the kernel's tree."),
  defconfig: text()
    .default("sunxi_defconfig")
    .describe("A defconfig of the tree by name, or a file of yours when it starts with `./` or `../`."),
  patches: patches("the kernel"),
  fragments: fragments("the kernel"),
  "allow-dropped": z
    .array(form(/^CONFIG_[A-Z0-9_a-z]+$/, "a symbol such as CONFIG_DM_CRYPT"))
    .default([])
    .describe("CONFIG_ names that a fragment may ask for and not get."),
});

/** `u-boot:` — its defconfig is a fact of the board. */
export const UBoot = z.strictObject({
  source: sourceName().describe("Name of the source that is U-Boot's tree."),
  patches: patches("U-Boot"),
  fragments: fragments("U-Boot"),
});

/** `boot:` */
export const Boot = z.strictObject({
  method: z
    .enum(["extlinux", "script"])
    .default("extlinux")
    .describe("How U-Boot finds the kernel: `extlinux/extlinux.conf`, or a compiled `boot.scr`."),
  arguments: z
    .array(form(/^\S+$/, "one kernel argument without spaces; give each its own list entry"))
    .default([])
    .describe("Kernel arguments behind console=, root= and rootwait."),
});
