import type { Output } from "../plan/step.js";

/** What step `xen` leaves, however Xen came to be: the image, its release (such as `4.17`), its configuration. */
export const XEN_OUTPUTS: readonly Output[] = [
  { name: "xen", kind: "file" },
  { name: "release", kind: "file" },
  { name: "config", kind: "file" },
];
