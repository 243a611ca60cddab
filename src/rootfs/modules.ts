import { type Bytes, entries } from "./entries.js";
import type { Findings } from "./findings.js";
import type { Tree } from "./tree.js";

/**
 * Brings the kernel's modules in and holds them against the kernel's own version string (`release`):
 * a kernel that finds no /lib/modules/RELEASE runs without any module.
 */
export function modules(tree: Tree, tar: Bytes, release: string, findings: Findings): void {
  const versions = new Set<string>();
  for (const entry of entries(tar)) {
    const version = /^(?:usr\/)?lib\/modules\/([^/]+)/.exec(entry.path)?.[1];
    if (version !== undefined) versions.add(version);
    // Links into the machine that built the kernel.
    if (entry.type === "symlink" && /^(?:usr\/)?lib\/modules\/[^/]+\/(build|source)$/.test(entry.path)) continue;
    if (entry.type === "folder" && tree.get(entry.path)?.type === "folder") continue;
    if (entry.path !== "") tree.place(entry.path, entry);
  }
  for (const version of versions) {
    if (version === release) continue;
    findings.mistake(
      "modules-mismatch",
      `the kernel calls itself ${release}, its modules are in /lib/modules/${version}`,
      "both come from the step kernel; a changed CONFIG_LOCALVERSION or a dirty tree makes them differ",
    );
  }
  const others = tree.list("lib/modules").filter((name) => !versions.has(name));
  if (versions.size === 0 && others.length > 0 && !others.includes(release)) {
    findings.mistake(
      "modules-mismatch",
      `the kernel calls itself ${release}, the rootfs has modules of ${others.join(", ")}`,
    );
  } else if (others.some((name) => name !== release)) {
    findings.note(`the rootfs also has modules of ${others.join(", ")}, which this kernel does not load`);
  }
}
