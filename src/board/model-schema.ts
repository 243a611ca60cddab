import { z } from "zod";
import { address, bytes, origin, text } from "./schema.js";

const nodePath = () => z.string().regex(/^(\/[A-Za-z0-9,._+@-]+)+$/, "expected a node's path, such as /pmu");

/** `boards/models/NAME.yaml`: facts of one fast model and its twin. */
export const ModelSchema = z
  .strictObject({
    title: text().describe("Name for people."),
    core: text().describe("Processor core."),
    cpus: z.int().min(1).max(8).describe("CPUs that start Xen."),
    dram: z
      .strictObject({ base: address().describe("Address."), size: bytes().describe("Bytes.") })
      .describe("The model's DRAM, which its twin has as well."),
    gic: z
      .strictObject({
        distributor: address().describe("Address of the distributor."),
        "cpu-interface": address().describe("Address of the CPU interface."),
      })
      .describe("Interrupt controller."),
    uart: address().describe("Address of the PL011 that is the console."),
    "sys-flags": address().describe("Address of the register in which other CPUs find where to go on."),
    timer: z.int().min(1).max(0xffff_ffff).describe("Hz of the generic timer where nobody set it."),
    "device-tree": z
      .strictObject({
        from: text().describe("Linux' own, below arch/arm/boot/dts."),
        console: text().describe("Alias of the console's UART in it."),
        without: z.array(nodePath()).default([]).describe("Nodes that are left out."),
        virtio: z
          .array(
            z.strictObject({
              address: address().describe("Address of the transport."),
              interrupt: z.int().min(0).max(987).describe("Its shared peripheral interrupt."),
            }),
          )
          .default([])
          .describe("Virtio transports that are added."),
      })
      .describe("How its device tree differs from Linux' for the real board."),
    "disk-modules": z
      .array(z.string().regex(/^[A-Za-z0-9_-]+$/, "expected a module's name, such as virtio_blk"))
      .default([])
      .describe("Kernel modules that the model's disk needs before it can be read."),
    programs: z
      .array(
        z.strictObject({
          program: text().describe("Name of the executable."),
          cpu: text().describe("Its first CPU in options."),
          disk: text().describe("Option that names the disk's file."),
        }),
      )
      .min(1)
      .describe("ARM's programs that are this model."),
    twin: z
      .strictObject({ machine: text().describe("QEMU's `-M`."), cpu: text().describe("QEMU's `-cpu`.") })
      .describe("The QEMU machine that stands in for it."),
    origin: origin(),
  })
  .meta({ title: "boardsmith fast model" });
