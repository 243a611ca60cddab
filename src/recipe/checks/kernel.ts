import { find, keyOf, textAt } from "../../diagnostic/placed.js";
import { type Check, wrong } from "./check.js";

/** A kernel's package comes with the packages of the root filesystem, so there have to be some. */
export const checkKernelPackage: Check = (root) => {
  const kernel = textAt(root, "kernel", "package");
  const rootfs = find(root, "rootfs");
  if (kernel === undefined || rootfs === undefined || find(rootfs, "distro")) return [];
  const kind = ["tar", "busybox"].find((key) => find(rootfs, key));
  if (kind === undefined) return [];
  return [
    wrong(
      "kernel-without-distro",
      `package ${kernel.text} would come from the root filesystem's distribution, and this root filesystem is none`,
      kernel.at,
      "give the package's file as a source, and name that under `prebuilt:`",
      [{ message: "the root filesystem is named here", at: keyOf(root, ["rootfs", kind]) }],
    ),
  ];
};
