import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { type Pack, pack } from "tar-stream";
import { digestEntries, type TreeEntry } from "./digest.js";
import { type TreeNode, walkTree } from "./walk.js";

/**
 * Writes a folder as a tar that depends on its content alone (sorted, time 0, owner 0:0, modes 0755 and 0644)
 * and gives the tree's digest, taken from the very bytes that went into the tar.
 */
export async function packTree(folder: string, tar: string): Promise<string> {
  const archive = pack();
  const written = pipeline(archive, createWriteStream(tar));
  // A failed write must not surface as an unhandled rejection while a file is being read.
  written.catch(() => {});
  const entries: TreeEntry[] = [];
  try {
    for await (const node of walkTree(folder)) entries.push(await packNode(archive, node));
    archive.finalize();
  } catch (error) {
    archive.destroy();
    throw error;
  }
  await written;
  return digestEntries(entries);
}

const PLAIN = { uid: 0, gid: 0, uname: "", gname: "", mtime: new Date(0) } as const;

async function packNode(archive: Pack, node: TreeNode): Promise<TreeEntry> {
  if (node.type === "directory") {
    archive.entry({ ...PLAIN, name: `${node.path}/`, type: "directory", mode: 0o755 });
    return { path: node.path, type: "directory" };
  }
  if (node.type === "symlink") {
    archive.entry({ ...PLAIN, name: node.path, type: "symlink", linkname: node.target, mode: 0o777 });
    return { path: node.path, type: "symlink", target: node.target };
  }
  const hash = createHash("sha256");
  const header = { ...PLAIN, name: node.path, size: node.size, mode: node.executable ? 0o755 : 0o644 };
  await new Promise<void>((resolve, reject) => {
    const entry = archive.entry({ ...header, type: "file" }, (error) => (error ? reject(error) : resolve()));
    archive.once("close", () => reject(new Error("the archive was closed early")));
    const file = createReadStream(node.absolute, { highWaterMark: 1 << 20 });
    file.on("data", (chunk) => hash.update(chunk));
    file.on("error", reject);
    file.pipe(entry);
  }).finally(() => archive.removeAllListeners("close"));
  return { path: node.path, type: "file", executable: node.executable, sha256: hash.digest("hex") };
}
