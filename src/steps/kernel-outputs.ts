import type { Output } from "../plan/step.js";

/** What every kernel's step leaves, however the kernel came to be: image, tars of device trees and modules, .config, version. */
export const KERNEL_OUTPUTS: readonly Output[] = [
  { name: "kernel", kind: "file" },
  { name: "dtbs", kind: "file" },
  { name: "modules", kind: "file" },
  { name: "config", kind: "file" },
  { name: "release", kind: "file" },
];

/** Id of the step that gives a kernel of this role: `kernel`, `kernel:dom0`. */
export function kernelStepId(role: string): string {
  return role === "kernel" ? "kernel" : `kernel:${role}`;
}
