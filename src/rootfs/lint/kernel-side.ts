import type { LintRule } from "./finding.js";

/** What the kernel and the layout need of the rootfs: its own modules, and lvm2 for volume groups. */
export const kernelSide: LintRule = function* ({ tree, release, volumes }) {
  const versions = tree.list("lib/modules");
  if (versions.length > 0 && !versions.includes(release)) {
    yield {
      code: "modules-missing",
      message: `the kernel calls itself ${release}, and /lib/modules has ${versions.join(", ")} alone: it would load none`,
      about: `/lib/modules/${release}`,
      help: "modules of an overlay must be built for the recipe's kernel",
    };
  } else if (versions.includes(release) && !tree.has(`lib/modules/${release}/modules.dep`)) {
    yield {
      code: "modules-missing",
      message: `/lib/modules/${release} has no modules.dep, so modprobe finds nothing in it`,
      about: `/lib/modules/${release}`,
      help: "run depmod for it, or take the overlay's own modules.dep out of the way",
    };
  }
  if (volumes && !["sbin/lvm", "usr/sbin/lvm"].some((path) => tree.has(path))) {
    yield {
      code: "lvm2-missing",
      message: "the image has volume groups, and the rootfs has no lvm2 to bring them up",
      about: "lvm2",
      help: "add lvm2 to rootfs.packages",
    };
  }
};
