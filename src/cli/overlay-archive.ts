import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { type Pack, pack } from "tar-stream";
import type { OverlaySpec } from "../recipe/spec.js";
import { walkTree } from "../store/walk.js";

const PLAIN = { uname: "", gname: "", mtime: new Date(0) } as const;

/**
 * A recipe's overlays as one gzipped tar, `root.tar.gz` to KIWI, laid over each other in their order. It depends on their
 * content alone: the same files give the same bytes.
 */
export async function overlayArchive(overlays: readonly OverlaySpec[]): Promise<Buffer> {
  const archive = pack();
  const bytes = buffer(archive);
  for (const overlay of overlays) await packOverlay(archive, overlay);
  archive.finalize();
  return gzipSync(await bytes, { level: 9 });
}

async function packOverlay(archive: Pack, { from, to, uid, gid, mode }: OverlaySpec): Promise<void> {
  const own = { ...PLAIN, uid, gid };
  const below = (path: string) => join(to, path).replace(/^\/+/, "");
  const put = (header: Parameters<Pack["entry"]>[0], content?: Buffer) =>
    new Promise<void>((resolve, reject) => {
      archive.entry(header, content ?? "", (error) => (error ? reject(error) : resolve()));
    });
  if (from.kind === "file") {
    await put({ ...own, name: below(basename(from.path)), mode: mode ?? 0o644 }, await readFile(from.path));
    return;
  }
  for await (const node of walkTree(from.path)) {
    const name = below(node.path);
    if (node.type === "directory") {
      // A folder may be entered by whoever may read it.
      const open = mode === undefined ? 0o755 : mode | ((mode & 0o444) >> 2);
      await put({ ...own, name: `${name}/`, type: "directory", mode: open });
    } else if (node.type === "symlink") {
      await put({ ...own, name, type: "symlink", linkname: node.target, mode: 0o777 });
    } else {
      await put({ ...own, name, mode: mode ?? (node.executable ? 0o755 : 0o644) }, await readFile(node.absolute));
    }
  }
}
