import { find, type Placed, textAt } from "../../diagnostic/placed.js";

/** Whether a recipe gets an initramfs of ours: it says so, or its kernel was built elsewhere and it says nothing. */
export function wantsInitramfs(root: Placed): boolean {
  if (find(root, "boot", "initramfs", "path")) return false;
  const said = textAt(root, "boot", "initramfs")?.text ?? "auto";
  const elsewhere = find(root, "kernel", "package") ?? find(root, "kernel", "prebuilt");
  return said === "minimal" || (said === "auto" && elsewhere !== undefined);
}
