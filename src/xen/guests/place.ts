import type { GuestFile, GuestSpec } from "../../recipe/guest.js";

/** Folder of dom0's root filesystem that guests' files are put into. */
export const GUESTS_HOME = "/usr/lib/boardsmith/guests";

/** Where a guest's kernel or initramfs lies in dom0's root filesystem. */
export function placeInDom0(guest: Pick<GuestSpec, "name">, what: "kernel" | "ramdisk", file: GuestFile): string {
  if (file.kind === "dom0") return file.path;
  // Guests that take a kernel of the recipe's share it, and what is made for it.
  if (file.kind === "minimal") return `${GUESTS_HOME}/initramfs-${file.role}`;
  return file.kind === "role" ? `${GUESTS_HOME}/kernel-${file.role}` : `${GUESTS_HOME}/${guest.name}/${what}`;
}

/** A guest's kernel's command line, with the console that there is where it starts. */
export function guestArguments({ arguments: said, dom0less }: Pick<GuestSpec, "arguments" | "dom0less">): string {
  // Xen's own guests have an emulated PL011, the toolstack's a console of Xen's.
  const console = dom0less ? "console=ttyAMA0" : "console=hvc0";
  return [...(said.some((one) => one.startsWith("console=")) ? [] : [console]), ...said].join(" ");
}
