import type { Tree } from "./tree.js";

export type Init = "systemd" | "busybox" | "sysvinit" | "other" | "none";

/** Where the kernel looks for the first program, in its order (init/main.c, without its last resort /bin/sh). */
const PLACES = ["sbin/init", "etc/init", "bin/init"];

/** Which init a root filesystem starts with. */
export function initOf(tree: Tree): Init {
  for (const place of PLACES) {
    const node = tree.get(place);
    if (!node || node.type === "folder") continue;
    const program = node.type === "hardlink" ? (node.link ?? "") : node.path;
    const name = program.split("/").at(-1) ?? "";
    if (name === "systemd") return "systemd";
    if (name.startsWith("busybox")) return "busybox";
    return tree.has("etc/inittab") ? "sysvinit" : "other";
  }
  return "none";
}
