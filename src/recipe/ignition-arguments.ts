import type { Spec } from "./spec.js";

/**
 * A board is what Ignition calls metal. No `ignition.firstboot`: it would count at every boot, since no boot loader here
 * takes it away again; that there is no machine id yet is the sign instead.
 */
export function ignitionArguments({ provision, boot }: Pick<Spec, "provision" | "boot">): readonly string[] {
  const said = boot.arguments.some((argument) => argument.startsWith("ignition.platform.id="));
  return provision.firstboot.kind === "ignition" && !said ? ["ignition.platform.id=metal"] : [];
}
