import type { Diagnostic } from "../../diagnostic/diagnostic.js";
import { find, keyOf, type Placed, textAt } from "../../diagnostic/placed.js";
import { type Check, wrong } from "./check.js";

/** Packages of a kernel and of Xen come with the packages of the root filesystem, so there have to be some. */
export const checkBootPackages: Check = (root) => ["kernel", "xen"].flatMap((part) => checkPackage(root, part));

function checkPackage(root: Placed, part: string): readonly Diagnostic[] {
  const named = textAt(root, part, "package");
  const rootfs = find(root, "rootfs");
  if (named === undefined || rootfs === undefined || find(rootfs, "distro")) return [];
  const kind = ["tar", "busybox"].find((key) => find(rootfs, key));
  if (kind === undefined) return [];
  return [
    wrong(
      "kernel-without-distro",
      `package ${named.text} would come from the root filesystem's distribution, and this root filesystem is none`,
      named.at,
      "give the package's file as a source, and name that under `prebuilt:`",
      [{ message: "the root filesystem is named here", at: keyOf(root, ["rootfs", kind]) }],
    ),
  ];
}
