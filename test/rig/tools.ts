import type { ToolImage } from "../../src/plan/step.js";

/** The field's own tools, which judge what we write. */
export const JUDGES: ToolImage = {
  name: "judges",
  base: { distro: "debian", suite: "trixie" },
  packages: [
    "bmap-tools",
    "device-tree-compiler",
    "dosfstools",
    "e2fsprogs",
    "fdisk",
    "genimage",
    "libnfs-utils",
    "mtools",
    "u-boot-tools",
    "xz-utils",
    "zstd",
  ],
};
