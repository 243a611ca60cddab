import { createHash } from "node:crypto";
import { type FileHandle, open, readFile, stat } from "node:fs/promises";
import { canonical, sha256 } from "../util/canonical.js";
import { walkTree } from "./walk.js";

const CHUNK = 1 << 20;
const BLOCK = 4096;
const ZEROS = Buffer.alloc(CHUNK);

/** SHA-256 of a file's bytes, as hex. */
export async function digestFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  const file = await open(path, "r");
  try {
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK, null);
      if (bytesRead === 0) return hash.digest("hex");
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

/**
 * Digest of an image by its size and its non-zero 4 KiB blocks: where they are, in runs, and what is in them.
 * How holes happen to be laid out does not matter, so a copy that lost them has the same digest.
 * `mapped` (byte ranges as offset and length) promises that all else is zero, which then is not read.
 */
export async function digestSparse(path: string, mapped?: readonly (readonly [number, number])[]): Promise<string> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const hash = createHash("sha256");
    const runs: [number, number][] = [];
    for (const [from, to] of wholeBlocks(mapped ?? [[0, size]], size)) await digestRange(file, from, to, hash, runs);
    return sha256(canonical({ block: BLOCK, size, runs, bytes: hash.digest("hex") }));
  } finally {
    await file.close();
  }
}

async function digestRange(
  file: FileHandle,
  from: number,
  to: number,
  hash: ReturnType<typeof createHash>,
  runs: [number, number][],
): Promise<void> {
  const read = async (buffer: Buffer, at: number) => {
    const length = Math.min(CHUNK, to - at);
    const { bytesRead } = length > 0 ? await file.read(buffer, 0, length, at) : { bytesRead: 0 };
    return buffer.subarray(0, bytesRead);
  };
  // While one chunk is looked at, the next is being read.
  let [free, busy] = [Buffer.allocUnsafe(CHUNK), Buffer.allocUnsafe(CHUNK)];
  let coming = read(busy, from);
  for (let at = from; at < to; ) {
    const chunk = await coming;
    if (chunk.length === 0) return;
    coming = read(free, at + chunk.length);
    // Whole chunks of zeros are the rule between a filesystem's used parts: one comparison settles them.
    if (!zero(chunk, 0, chunk.length)) takeBlocks(chunk, at, hash, runs);
    at += chunk.length;
    [free, busy] = [busy, free];
  }
}

/** Adds a chunk's non-zero blocks, in runs, to the hash and to the list. */
function takeBlocks(chunk: Buffer, at: number, hash: ReturnType<typeof createHash>, runs: [number, number][]): void {
  const used = (block: number) => block < chunk.length && !zero(chunk, block, Math.min(BLOCK, chunk.length - block));
  for (let block = 0; block < chunk.length; block += BLOCK) {
    if (!used(block)) continue;
    const start = block;
    while (used(block + BLOCK)) block += BLOCK;
    const end = Math.min(block + BLOCK, chunk.length);
    hash.update(chunk.subarray(start, end));
    const last = runs.at(-1);
    if (last && last[0] + last[1] === at + start) last[1] += end - start;
    else runs.push([at + start, end - start]);
  }
}

const zero = (buffer: Buffer, at: number, length: number): boolean =>
  buffer.compare(ZEROS, 0, length, at, at + length) === 0;

/** Ranges sorted, widened to whole blocks and joined, as start and end. */
function wholeBlocks(ranges: readonly (readonly [number, number])[], size: number): [number, number][] {
  const joined: [number, number][] = [];
  for (const [offset, length] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const from = Math.floor(offset / BLOCK) * BLOCK;
    const to = Math.min(size, Math.ceil((offset + length) / BLOCK) * BLOCK);
    const last = joined.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else if (to > from) joined.push([from, to]);
  }
  return joined;
}

/** Digest of an output. An image may have its mapped ranges beside it in `PATH.map.json`, as [[offset, length], …]. */
export async function digestOutput(path: string, kind: "file" | "sparse"): Promise<string> {
  if (kind === "file") return digestFile(path);
  const text = await readFile(`${path}.map.json`, "utf8").catch(() => undefined);
  return digestSparse(path, text === undefined ? undefined : JSON.parse(text));
}

/** One node of a tree as its digest and its tar see it. */
export type TreeEntry =
  | { readonly path: string; readonly type: "directory" }
  | { readonly path: string; readonly type: "symlink"; readonly target: string }
  | { readonly path: string; readonly type: "file"; readonly executable: boolean; readonly sha256: string };

/** Digest of a tree's nodes, whatever their order. */
export function digestEntries(entries: readonly TreeEntry[]): string {
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return sha256(canonical(sorted as unknown as Parameters<typeof canonical>[0]));
}

/** Digest of a folder: of names, link targets, bytes and whether a file is executable. A file's path gives its file digest. */
export async function digestTree(path: string): Promise<string> {
  if (!(await stat(path)).isDirectory()) return digestFile(path);
  const entries: TreeEntry[] = [];
  for await (const node of walkTree(path)) {
    if (node.type === "file") {
      const { executable } = node;
      entries.push({ path: node.path, type: "file", executable, sha256: await digestFile(node.absolute) });
    } else if (node.type === "symlink") entries.push({ path: node.path, type: "symlink", target: node.target });
    else entries.push({ path: node.path, type: "directory" });
  }
  return digestEntries(entries);
}
