import { z } from "zod";
import { parseSize } from "../util/size.js";

const text = () => z.string().min(1);
const bytes = () =>
  z.union([z.string(), z.int().nonnegative()]).transform((value, check) => {
    const parsed = typeof value === "number" ? value : parseSize(value);
    if (parsed !== undefined) return parsed;
    check.addIssue({ code: "custom", message: "expected bytes with a unit, such as 512MiB" });
    return z.NEVER;
  });
const address = () => z.int().min(0).max(0xffff_ffff);
const origin = () => z.array(text()).min(1).describe("Where each fact was read.");

/** `boards/soc/NAME.yaml`: what all boards with one system-on-chip share. */
export const SocSchema = z
  .strictObject({
    name: text().describe("Name of the SoC."),
    family: text().describe("The kernel's name of the family."),
    core: text().describe("Processor core."),
    cores: z.int().min(1).describe("Number of cores."),
    virtualization: z.boolean().describe("Whether the cores have the virtualization extensions."),
    lpae: z.boolean().describe("Whether the cores have long page tables."),
    "dram-base": address().describe("Address at which DRAM starts."),
    spl: z
      .strictObject({
        offset: bytes().describe("Byte of the card from which the boot ROM takes the SPL."),
        "max-size": bytes().describe("The most the boot ROM loads."),
        reserved: bytes().describe("Bytes from the card's start that belong to SPL and U-Boot."),
      })
      .describe("The first boot loader's place on the card."),
    load: z
      .strictObject({
        kernel: address().describe("Kernel."),
        fdt: address().describe("Device tree."),
        script: address().describe("Boot script."),
        ramdisk: address().describe("Initramfs."),
      })
      .describe("Where U-Boot loads things."),
    reserved: z
      .array(
        z.strictObject({
          name: text().describe("Whose it is."),
          "at-top": bytes().describe("Bytes, counted from the end of DRAM."),
        }),
      )
      .describe("DRAM that belongs to somebody while U-Boot runs."),
    kernel: z
      .strictObject({ arch: text().describe("make's ARCH."), image: text().describe("make's image target.") })
      .describe("How its kernel is made."),
    "card-modules": z
      .array(z.string().regex(/^[A-Za-z0-9_-]+$/, "expected a module's name, such as sunxi-mmc"))
      .default([])
      .describe("Kernel modules that a card's partitions need before they can be read, in an initramfs."),
    arch: z
      .strictObject({ debian: text().describe("Debian's name."), rpm: text().describe("RPM's name.") })
      .describe("Names distributions use for the CPU."),
    origin: origin(),
  })
  .meta({ title: "boardsmith system-on-chip" });

/** `boards/NAME.yaml`: facts of one board, no choices. */
export const BoardSchema = z
  .strictObject({
    title: text().describe("Name for people."),
    soc: text().describe("Name of a file in `boards/soc/`."),
    dram: bytes().describe("Size of DRAM."),
    "spl-dram": bytes()
      .optional()
      .describe("Size of DRAM that the SPL of this defconfig is told; left out where it finds the size itself."),
    "u-boot-defconfig": z
      .string()
      .regex(/^[A-Za-z0-9_-]+_defconfig$/, "expected a file name of U-Boot's configs/, such as Cubieboard_defconfig")
      .describe("File in U-Boot's `configs/`."),
    dtb: z
      .string()
      .regex(/^[a-z0-9-]+\/[A-Za-z0-9_.-]+\.dtb$/, "expected a path such as allwinner/sun4i-a10-cubieboard.dtb")
      .describe("Device tree, below arch/arm/boot/dts."),
    model: text().describe("What the device tree calls the board."),
    compatible: text().describe("First `compatible` of the device tree."),
    console: z
      .strictObject({
        device: text().describe("The kernel's name of the UART."),
        baud: z.int().min(300).describe("Bits per second."),
      })
      .describe("Serial console."),
    ethernet: z
      .string()
      .regex(/^eth\d$/, "expected the kernel's name of a port, such as eth0")
      .optional()
      .describe("Ethernet port that U-Boot and the kernel drive; without it, the board cannot boot over a network."),
    qemu: z
      .strictObject({
        machine: text().describe("QEMU's `-M`."),
        memory: bytes().describe("Memory to give it."),
        until: z.enum(["kernel", "login"]).describe("How far it carries: to a login, or to the kernel's start."),
      })
      .optional()
      .describe("The emulator that boots this board's card."),
    origin: origin(),
  })
  .meta({ title: "boardsmith board" });
