import type { LintSpec } from "../../recipe/spec.js";
import type { LintFinding, LintRule } from "./finding.js";
import { fstabDevices } from "./fstab-devices.js";
import { boardIdentity } from "./identity.js";
import { initPrograms } from "./inittab.js";
import { kernelSide } from "./kernel-side.js";
import { login } from "./login.js";
import { nfsServices } from "./nfs.js";
import { passwords } from "./passwords.js";
import { resolver } from "./resolver.js";
import { serialLogin } from "./serial-login.js";
import { setuid } from "./setuid.js";
import type { LintSubject } from "./subject.js";
import { unitPrograms } from "./unit-programs.js";

const RULES: readonly LintRule[] = [
  kernelSide,
  fstabDevices,
  nfsServices,
  unitPrograms,
  initPrograms,
  serialLogin,
  boardIdentity,
  passwords,
  login,
  setuid,
  resolver,
];

/** A finding with what the recipe says to it. */
export interface Judged extends Omit<LintFinding, "severity"> {
  readonly severity: "error" | "warning";
  /** The recipe's reason why it is right. */
  readonly accepted?: string;
}

/** Everything that a look at a finished rootfs finds, and which of the recipe's acceptances nothing needed. */
export function lint(
  subject: LintSubject,
  accept: LintSpec["accept"],
): { readonly findings: readonly Judged[]; readonly unused: LintSpec["accept"] } {
  const used = new Set<LintSpec["accept"][number]>();
  const findings = RULES.flatMap((rule) => [...rule(subject)]).map((finding): Judged => {
    const by = accept.find(
      (one) => one.finding === finding.code && (one.about === undefined || one.about === finding.about),
    );
    if (by) used.add(by);
    return { severity: "error", ...finding, ...(by ? { accepted: by.reason } : {}) };
  });
  return { findings, unused: accept.filter((one) => !used.has(one)) };
}
