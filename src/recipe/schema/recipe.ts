import { z } from "zod";
import { Boot, Kernel, UBoot } from "./build.js";
import { Image } from "./image.js";
import { Lint } from "./lint.js";
import { Netboot } from "./netboot.js";
import { Proof } from "./proof.js";
import { Provision } from "./provision.js";
import { Rootfs } from "./rootfs.js";
import { Sources, Toolchain } from "./sources.js";
import { form, path, text } from "./text.js";

/** A recipe as its file says it, with all it extends merged in: choices, no facts. */
export const RecipeSchema = z
  .strictObject({
    description: text().describe("One line for lists."),
    extends: z
      .union([path(), z.array(path())])
      .optional()
      .describe("Recipes this one builds on, relative to this file. Maps merge deeply, lists replace, later wins."),
    board: text().describe("Name of the board; `boardsmith boards` lists them."),
    memory: form(/^\d+(\.\d+)?\s*([KMG]i?B?)?$/, "a size such as 512MiB")
      .optional()
      .describe(
        "DRAM that the recipe is made for. A board with less is refused, one with more warned about; without it any board will do that the rest of the recipe fits.",
      ),
    sources: Sources.describe("What is built from, by name."),
    toolchain: Toolchain.default("distro").describe(
      "The cross compiler: `distro` (the tool image's distribution's), or one from a tarball.",
    ),
    lvm: z.boolean().default(true).describe("Build everything lvm2 needs into the kernel, and prove that it works."),
    kernel: Kernel.describe("The Linux kernel."),
    "u-boot": UBoot.describe("The boot loader. Its defconfig comes from the board."),
    boot: Boot.prefault({}).describe("How U-Boot starts the kernel."),
    rootfs: Rootfs.describe("The root filesystem."),
    provision: Provision.prefault({}).describe("What makes the root filesystem this machine's."),
    netboot: Netboot.optional().describe(
      "Boot over the network: makes what a TFTP and an NFS server need, and a card with U-Boot alone.",
    ),
    image: Image.prefault({}).describe("The card's layout."),
    lint: Lint.prefault({}).describe("How the finished root filesystem is judged before the image counts."),
    proof: Proof.prefault({}).describe("How the boot in the emulator is judged."),
    epoch: z
      .int()
      .min(0)
      .max(4_294_967_295)
      .default(1_735_689_600)
      .describe("SOURCE_DATE_EPOCH: the time, in seconds since 1970, that everything built carries."),
  })
  .meta({ title: "boardsmith recipe" });

/** A recipe after defaults. */
export type Recipe = ReturnType<typeof RecipeSchema.parse>;
