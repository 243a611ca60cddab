import type { Findings } from "./findings.js";
import type { Files } from "./first-boot.js";
import { initOf } from "./init.js";
import type { Tree } from "./tree.js";

/** Texts of src/rootfs/files that it needs. */
export const ROOT_VOLUME_FILES = ["", ".rules", ".service"].map((end) => `boardsmith-root-volume${end}`);

/**
 * Keeps the table of the root volume on the kernel's command line what lvm2 makes of it: growth calls it, and where there
 * is systemd every change of a volume does. Without it a volume that was enlarged would be too small at the next boot,
 * and its filesystem refused.
 */
export function rootVolume(tree: Tree, files: Files, findings: Findings): void {
  // Nothing could change the volume; lint says that lvm2 is missing.
  if (!["sbin/lvm", "usr/sbin/lvm"].some((path) => tree.has(path))) return;
  const text = (name: string): string => files[`boardsmith-root-volume${name}`] ?? "";
  tree.write("usr/lib/boardsmith/root-volume", text(""), { mode: 0o755 });
  if (initOf(tree) === "systemd") {
    tree.write("usr/lib/systemd/system/boardsmith-root-volume.service", text(".service"));
    tree.write("usr/lib/udev/rules.d/09-boardsmith-root-volume.rules", text(".rules"));
    return;
  }
  findings.note(
    "warning: root is on a logical volume that the kernel sets up, and init is not systemd: run /usr/lib/boardsmith/root-volume after every change of that volume",
  );
}
