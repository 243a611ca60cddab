import { readdir, readFile, stat } from "node:fs/promises";
import type { Files } from "../diagnostic/files.js";
import { digestFile, digestTree as digestOf } from "../store/digest.js";
import { walkTree } from "../store/walk.js";

/** The machine's own files. Anything but "there is none" is thrown: no right to read is not the same as absent. */
export function nodeFiles(): Files {
  return FILES;
}

const FILES: Files = {
  text: (path) => absent(readFile(path, "utf8"), undefined),
  async stat(path) {
    const found = await absent(stat(path), undefined);
    if (found === undefined) return undefined;
    return found.isDirectory() ? "tree" : "file";
  },
  async list(path) {
    return (await absent(readdir(path), [])).sort(byCodeUnit);
  },
  digestFile,
  digestTree,
};

async function digestTree(root: string): Promise<{ sha256: string; files: readonly string[] }> {
  const files: string[] = [root];
  for await (const node of walkTree(root)) files.push(node.absolute);
  return { sha256: await digestOf(root), files };
}

async function absent<T, U>(result: Promise<T>, otherwise: U): Promise<T | U> {
  try {
    return await result;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return otherwise;
    throw error;
  }
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
