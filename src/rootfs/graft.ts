import type { Tree } from "./tree.js";

/** Puts everything below folder `base` of one tree below `to` in another; hardlinks become files of their own, for what they point at may stay behind. */
export function graft(from: Tree, base: string, tree: Tree, to: string): void {
  for (const { raw: _raw, content, ...node } of from.nodes()) {
    if (!node.path.startsWith(`${base}/`)) continue;
    const path = `${to}/${node.path.slice(base.length + 1)}`;
    const bytes = node.type === "hardlink" ? from.read(node.path) : Buffer.isBuffer(content) ? content : undefined;
    const access = { mode: node.mode, uid: node.uid, gid: node.gid };
    if (node.type === "symlink") tree.symlink(path, node.link ?? "", access);
    else if (node.type === "folder") tree.folder(path, access);
    else if (bytes) tree.write(path, bytes, access);
    else if (!Buffer.isBuffer(content)) tree.place(path, { ...node, path, content });
  }
}
