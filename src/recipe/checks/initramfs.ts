import { entriesAt, find, type Placed, textAt } from "../../diagnostic/placed.js";

/** Whether a recipe gets an initramfs of ours: it says so, or its kernel was built elsewhere and it says nothing. */
export function wantsInitramfs(root: Placed): boolean {
  if (find(root, "boot", "initramfs", "path")) return false;
  const said = textAt(root, "boot", "initramfs")?.text ?? "auto";
  const elsewhere = find(root, "kernel", "package") ?? find(root, "kernel", "prebuilt");
  return said === "minimal" || (said === "auto" && elsewhere !== undefined);
}

/** Where a recipe asks for an initramfs of ours, for its card or for a guest of Xen's; undefined where it gets none. */
export function initramfsAt(root: Placed): Placed | undefined {
  if (wantsInitramfs(root)) return find(root, "boot", "initramfs") ?? find(root, "kernel");
  return entriesAt(root, "guests")
    .map(({ value }) => find(value, "ramdisk"))
    .find((ramdisk) => textAt(ramdisk)?.text === "minimal");
}
