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

const CompiledKernel = z
  .strictObject({
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
  })
  .describe("A kernel that is compiled from source.");

const PackagedKernel = z
  .strictObject({
    package: form(/^[A-Za-z0-9][A-Za-z0-9+._-]+$/, "the name of a package").describe(
      "Package of the root filesystem's distribution that brings the kernel, such as `linux-image-armmp` or openSUSE's `kernel-default`; it is installed with all it depends on, and openSUSE's device trees of the board's family (`dtb-sun4i`) with it. A later one that is installed on the board itself is not booted: build a new image.",
    ),
  })
  .describe("The kernel of the root filesystem's own distribution.");

const inside = (what: string) =>
  form(/^(?!.*(^|\/)\.\.?(\/|$))\/?[^/\n]+(\/[^/\n]+)*\/?$/, "a path in the source, such as boot/zImage")
    .optional()
    .describe(what);

const PrebuiltKernel = z
  .strictObject({
    prebuilt: z
      .union([sourceName(), z.array(sourceName()).min(1)])
      .describe("Name of the source, or of several, that is the kernel: a .deb, an .rpm, or a tarball or tree."),
    image: inside("Its zImage; without it, the one `zImage*` or `vmlinuz*`."),
    dtbs: inside("Folder of its device trees; without it, looked for where distributions keep them."),
    modules: inside("Folder whose `VERSION/` holds its modules; without it, its `lib/modules`."),
    config: inside("Its configuration; without it, looked for beside image and modules, and in the image."),
  })
  .describe("A kernel that a vendor or another distribution built, under any root filesystem.");

/** `kernel:` — the first key of each variant names its kind. */
export const Kernel = z.union([CompiledKernel, PackagedKernel, PrebuiltKernel]);

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
  initramfs: z
    .union([
      z.enum(["auto", "none", "minimal"]),
      z.strictObject({
        path: path().describe(
          "An initramfs of yours, such as dracut's, as the kernel takes it; it is not looked into.",
        ),
      }),
    ])
    .default("auto")
    .describe(
      "What runs before the root filesystem: nothing, or boardsmith's own few files that load the card's modules and mount it, with the source `busybox` (without one, the tool image's distribution's). auto: minimal for a kernel built elsewhere, none for one of ours. A map: a file of yours.",
    ),
});
