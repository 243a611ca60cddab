import type { Tree } from "./tree.js";

/** One line of fstab(5). */
export interface Mount {
  /** `UUID=…`, or a device. */
  readonly what: string;
  /** Absolute folder, or `none` for swap space. */
  readonly where: string;
  readonly type: string;
  readonly options: string;
  /** When fsck looks at it: 1 first, 2 later, 0 never. */
  readonly pass: number;
}

/** Writes the image's own filesystems into /etc/fstab, makes their folders, and keeps the rootfs's other lines. */
export function fstab(tree: Tree, mounts: readonly Mount[]): void {
  const ours = new Set(mounts.map((mount) => mount.where).filter((where) => where !== "none"));
  const kept = (tree.text("etc/fstab") ?? "").split("\n").filter((line) => {
    const fields = line.trim().split(/\s+/);
    return (
      line.trim() !== "" && !line.includes("UNCONFIGURED FSTAB") && !ours.has(fields[1] ?? "") && fields[1] !== "/"
    );
  });
  const lines = mounts.map((one) => `${one.what} ${one.where} ${one.type} ${one.options} 0 ${one.pass}`);
  tree.write("etc/fstab", `${[...lines, ...kept].join("\n")}\n`, { mode: 0o644 });
  for (const { where } of mounts) if (where.startsWith("/") && where !== "/" && !tree.has(where)) tree.folder(where);
}
