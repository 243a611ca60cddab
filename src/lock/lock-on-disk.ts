import { randomBytes } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import type { LockFile } from "../recipe/lock.js";
import { formatLock } from "../recipe/lock-text.js";

/** A lock file's path and text, or undefined when there is none. */
export async function readLock(path: string): Promise<{ readonly path: string; readonly text: string } | undefined> {
  try {
    return { path, text: await readFile(path, "utf8") };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Writes a lock file by rename, so that no reader ever sees half of one. */
export async function writeLock(path: string, recipe: string, lock: LockFile): Promise<void> {
  const draft = `${path}.${randomBytes(4).toString("hex")}`;
  try {
    await writeFile(draft, formatLock(recipe, lock));
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}
