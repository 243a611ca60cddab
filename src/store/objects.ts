import { chmod, mkdir, open, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname } from "node:path";
import { digestFile, digestOutput, digestSparse } from "./digest.js";
import { objectPath } from "./paths.js";
import type { StoredObject } from "./store.js";

/** Every object carries this time, seconds: one with another time was written to since it was stored. */
const SEAL = 1;

/**
 * Makes a file of the store's file system an object: digested, read-only, on the disk, then in its place by rename.
 * With `expected`, a file of another digest is left where it is.
 */
export async function storeObject(
  root: string,
  path: string,
  kind: "file" | "sparse",
  expected?: string,
): Promise<StoredObject> {
  const { size } = await stat(path);
  const object = { digest: await digestOutput(path, kind), size, kind };
  if (expected !== undefined && object.digest !== expected) return object;
  await utimes(path, SEAL, SEAL);
  await chmod(path, 0o444);
  const file = await open(path, "r");
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
  const target = objectPath(root, object);
  await mkdir(dirname(target), { recursive: true });
  await rename(path, target);
  return object;
}

/**
 * Is the object there, whole? Its size and time answer cheaply; one that was touched is read again, and a
 * spoilt one is removed, so that nobody else takes it.
 */
export async function intact(root: string, object: StoredObject): Promise<boolean> {
  const path = objectPath(root, object);
  const found = await stat(path).catch(() => undefined);
  if (!found) return false;
  if (found.size === object.size && found.mtimeMs === SEAL * 1000) return true;
  return reread(root, object);
}

/** Reads an object again whatever its time says; removes it and gives false when its bytes are not what its name says. */
export async function reread(root: string, object: Pick<StoredObject, "digest" | "kind">): Promise<boolean> {
  const path = objectPath(root, object);
  const digest = await (object.kind === "file" ? digestFile(path) : digestSparse(path));
  if (digest === object.digest) {
    await utimes(path, SEAL, SEAL);
    return true;
  }
  await rm(path, { force: true });
  return false;
}
