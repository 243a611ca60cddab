import { z } from "zod";
import { text } from "./text.js";

/** What the look at a finished root filesystem can find; docs/diagnostics.md says what each means. */
export const LINT_CODES = [
  "fstab-device",
  "fstab-type",
  "unit-missing",
  "unit-program",
  "init-program",
  "modules-missing",
  "lvm2-missing",
  "ssh-host-key",
  "machine-id",
  "empty-password",
  "bare-password",
  "weak-hash",
  "shadow-readable",
  "setuid-unowned",
  "resolv-conf",
  "serial-login",
  "no-login",
  "nfs-services",
] as const;

export type LintCode = (typeof LINT_CODES)[number];

/** `lint:` — how the finished root filesystem is judged. */
export const Lint = z.strictObject({
  accept: z
    .array(
      z.strictObject({
        finding: z.enum(LINT_CODES).describe("Name of the finding, as it stands in brackets behind its message."),
        about: text()
          .optional()
          .describe("The one path, unit, account or fstab entry that is meant; without it, all findings of that name."),
        reason: text().describe("Why it is right here; goes into the image's records."),
      }),
    )
    .default([])
    .describe("Findings that are meant to be so. They do not stop the build."),
});
