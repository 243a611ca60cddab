import type { Tree } from "../tree.js";
import type { LintRule } from "./finding.js";

/** What dom0's tools and its guests' disks and interfaces go through, by the modules' names in Linux. */
const MODULES = ["xen-evtchn", "xen-gntdev", "xen-privcmd", "xenfs", "xen-blkback", "xen-netback", "bridge"];

/** What a dom0 needs of its rootfs: the modules of the backends where they are not built in, and tools of Xen's own release. */
export const xenSide: LintRule = function* ({ tree, release, xen }) {
  if (xen === undefined) return;
  const missing = MODULES.filter((name) => !hasModule(tree, release, name));
  if (missing.length > 0) {
    yield {
      code: "xen-modules",
      message: `neither /lib/modules/${release} nor the kernel itself has ${missing.join(", ")}, which dom0 and its guests need`,
      about: `/lib/modules/${release}`,
      help: "take the modules that belong to the kernel, or build them in (CONFIG_XEN_DEV_EVTCHN, CONFIG_XEN_BLKDEV_BACKEND …)",
    };
  }
  // Debian keeps each release's tools in a folder of its own; elsewhere they do not say whose they are.
  const tools = tree.list("usr/lib").flatMap((name) => /^xen-(\d+\.\d+)$/.exec(name)?.[1] ?? []);
  if (tools.length > 0 && !tools.includes(xen.release)) {
    yield {
      code: "xen-tools",
      message: `Xen is ${xen.release}, and the rootfs has the tools of ${tools.join(", ")}: xl and its like talk to their own release alone`,
      about: `/usr/lib/xen-${tools[0]}`,
      help: `install xen-utils-${xen.release}, or take Xen ${tools[0]}`,
    };
  }
};

/** Dashes and underscores mean the same in a module's name. */
function hasModule(tree: Tree, release: string, name: string): boolean {
  const file = new RegExp(`(?:^|/)${name.replaceAll("-", "[-_]")}\\.ko(?:[.:]|$)`, "m");
  return ["modules.dep", "modules.builtin"].some((index) =>
    file.test(tree.text(`lib/modules/${release}/${index}`) ?? ""),
  );
}
