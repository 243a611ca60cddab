import { z } from "zod";
import { fragments, inside, patches } from "./build.js";
import { form, size, sourceName, text } from "./text.js";

/** What every kind of Xen is told when it starts. */
const started = {
  arguments: z
    .array(form(/^\S+$/, "one argument of Xen's without spaces; give each its own list entry"))
    .default([])
    .describe("Xen's own arguments behind console= and dom0_mem=. Those of dom0's kernel are `boot: arguments`."),
  dom0: z
    .strictObject({
      memory: size().default("512MiB").describe("Memory of dom0, in whole MiB."),
      vcpus: z.int().min(1).optional().describe("Virtual CPUs of dom0; without it, one for each core."),
    })
    .prefault({})
    .describe("The domain that starts first and drives the hardware."),
};

const CompiledXen = z
  .strictObject({
    source: sourceName().describe("Name of the source that is Xen's tree."),
    defconfig: form(/^[A-Za-z0-9_-]+_defconfig$/, "a file name of xen/arch/arm/configs, such as arm32_defconfig")
      .default("arm32_defconfig")
      .describe("A defconfig of the tree."),
    patches: patches("Xen"),
    fragments: fragments("Xen"),
    "early-printk": z
      .boolean()
      .default(false)
      .describe("Print on the board's UART before Xen has a console. For debugging: such a Xen is this board's alone."),
    ...started,
  })
  .describe("A Xen that is compiled from source.");

const PackagedXen = z
  .strictObject({
    package: form(/^[A-Za-z0-9][A-Za-z0-9+._-]+$/, "the name of a package").describe(
      "Package of the root filesystem's distribution that brings Xen, such as `xen-hypervisor-4.17-armhf`.",
    ),
    ...started,
  })
  .describe("The Xen of the root filesystem's own distribution.");

const PrebuiltXen = z
  .strictObject({
    prebuilt: z
      .union([sourceName(), z.array(sourceName()).min(1)])
      .describe("Name of the source, or of several, that holds Xen: a .deb, an .rpm, or a tarball or tree."),
    image: inside("Xen itself; without it, the one file `xen*` that is one."),
    ...started,
  })
  .describe("A Xen that somebody else built, under any root filesystem.");

/** `xen:` — the first key of each variant names its kind. */
export const Xen = z.union([CompiledXen, PackagedXen, PrebuiltXen]);

/** `guest-kernel:` — compiled from the kernel's own source in a folder of its own. */
export const GuestKernel = z.strictObject({
  defconfig: text()
    .default("multi_v7_defconfig")
    .describe("A defconfig of the tree by name, or a file of yours when it starts with `./` or `../`."),
  fragments: fragments("the guests' kernel"),
  "allow-dropped": z
    .array(form(/^CONFIG_[A-Z0-9_a-z]+$/, "a symbol such as CONFIG_DM_CRYPT"))
    .default([])
    .describe("CONFIG_ names that a fragment may ask for and not get."),
});
