import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { StoredObject } from "./store.js";

/** An object as it lies in the store. */
export interface ListedObject extends StoredObject {
  readonly path: string;
  /** Bytes it takes on the disk. */
  readonly allocated: number;
}

/** Every object of a store, in no order. */
export async function* allObjects(root: string): AsyncGenerator<ListedObject> {
  for (const [folder, kind] of [
    ["sha256", "file"],
    ["sparse", "sparse"],
  ] as const) {
    const base = join(root, "objects", folder);
    for (const start of await readdir(base).catch(() => [])) {
      for (const rest of await readdir(join(base, start))) {
        const path = join(base, start, rest);
        const found = await stat(path).catch(() => undefined);
        if (found) yield { digest: start + rest, kind, path, size: found.size, allocated: found.blocks * 512 };
      }
    }
  }
}

/** Bytes on the disk of all files below a folder; 0 when there is none. */
export async function allocatedBelow(folder: string): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) sum += await allocatedBelow(path);
    else sum += ((await stat(path).catch(() => undefined))?.blocks ?? 0) * 512;
  }
  return sum;
}
