import { addPackages } from "./add-packages.js";
import type { Bytes } from "./entries.js";
import type { Findings } from "./findings.js";
import type { Tree } from "./tree.js";

/** A guest of Xen's as dom0's root filesystem gets it. */
export interface ProvisionedGuest {
  readonly name: string;
  /** Text of xl's configuration, and of libvirt's. */
  readonly xl: string;
  readonly libvirt: string;
  readonly autostart: boolean;
  /** Its kernel and initramfs, absolute: those without content have to be there. */
  readonly files: readonly { readonly path: string; readonly content?: Bytes }[];
}

const XL = ["usr/sbin/xl", "sbin/xl", "usr/bin/xl"];
const LIBVIRT = ["usr/sbin/libvirtd", "usr/sbin/virtxend"];

/**
 * Puts guests where the toolstack looks: /etc/xen/NAME.cfg, and libvirt's /etc/libvirt/libxl/NAME.xml where there is
 * libvirt. One of the two starts those that start with the board, since xl's guests are none of libvirt's.
 */
export function guests(tree: Tree, all: readonly ProvisionedGuest[], epoch: number, findings: Findings): void {
  if (all.length === 0) return;
  const names = all.map(({ name }) => name).join(", ");
  const libvirt = LIBVIRT.some((path) => tree.has(path));
  if (!libvirt && !XL.some((path) => tree.has(path))) {
    findings.mistake(
      "no-toolstack",
      `the rootfs has nothing that starts guests (neither xl nor libvirt), and the recipe has ${names}`,
      addPackages(tree, { debian: "xen-utils", opensuse: "xen-tools" }),
    );
  }
  for (const guest of all) {
    for (const { path, content } of guest.files) {
      if (content) {
        const range = { bytes: content, offset: 0, length: content.size };
        tree.place(path, { path, type: "file", mode: 0o644, uid: 0, gid: 0, mtime: epoch, content: range });
      } else if (!tree.has(path)) {
        findings.mistake(
          "guest-no-file",
          `guest "${guest.name}" starts from ${path}, and the rootfs has no such file`,
          "put it there by an overlay, or name a file of yours (./x)",
        );
      }
    }
    tree.write(`etc/xen/${guest.name}.cfg`, guest.xl);
    if (libvirt) tree.write(`etc/libvirt/libxl/${guest.name}.xml`, guest.libvirt, { mode: 0o600 });
    if (!guest.autostart) continue;
    if (libvirt) tree.symlink(`etc/libvirt/libxl/autostart/${guest.name}.xml`, `/etc/libvirt/libxl/${guest.name}.xml`);
    else tree.symlink(`etc/xen/auto/${guest.name}.cfg`, `../${guest.name}.cfg`);
  }
  findings.note(`guests: ${names}${libvirt ? ", for xl and for libvirt, which starts them" : ", for xl"}`);
}
