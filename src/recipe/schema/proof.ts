import { z } from "zod";
import { text } from "./text.js";

const seconds = (stage: string, value: number) =>
  z.int().min(1).max(86_400).default(value).describe(`Seconds until ${stage}, on an unloaded machine.`);

/** `proof:` — how the boot in the emulator is judged. */
export const Proof = z.strictObject({
  enabled: z.boolean().default(true).describe("Boot the image in the emulator after a build, where the board has one."),
  checks: z
    .array(
      z.strictObject({
        name: text().describe("Name in the report."),
        run: text().describe(
          "Shell command, run as root on the booted system; must exit 0, or 77 where it does not apply (on a fast model's twin, say).",
        ),
        expect: text().optional().describe("Regular expression that its output must match."),
      }),
    )
    .default([])
    .describe("Commands run on the booted system."),
  timeouts: z
    .strictObject({
      spl: seconds("SPL speaks", 20),
      "u-boot": seconds("U-Boot speaks", 30),
      kernel: seconds("the kernel starts", 60),
      init: seconds("init starts", 120),
      login: seconds("a login prompt", 300),
      checks: seconds("all checks are done", 180),
    })
    .prefault({})
    .describe("Seconds allowed per stage; stretched with the host's load."),
});
