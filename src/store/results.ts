import { mkdir, open, readdir, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { resultPath } from "./paths.js";
import type { Result } from "./store.js";

/** The record of a key as it stands, whether or not its objects are there; undefined when there is none or it is torn. */
export async function readResult(root: string, key: string): Promise<Result | undefined> {
  try {
    const result = JSON.parse(await readFile(resultPath(root, key), "utf8")) as Result;
    return result.key === key ? result : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Records a result; `scratch` is a folder on the same file system. */
export async function writeResult(root: string, result: Result, scratch: string): Promise<void> {
  await writeWhole(resultPath(root, result.key), `${JSON.stringify(result)}\n`, scratch);
}

/** Every record of the store, in no order. */
export async function* allResults(root: string): AsyncGenerator<Result> {
  for (const folder of await readdir(join(root, "results")).catch(() => [])) {
    for (const name of await readdir(join(root, "results", folder))) {
      const result = await readResult(root, name.replace(/\.json$/, ""));
      if (result) yield result;
    }
  }
}

/** Writes a small file so that it is there whole or not at all, also after a power cut. */
export async function writeWhole(path: string, text: string, scratch: string): Promise<void> {
  const draft = join(scratch, `draft-${Math.random().toString(36).slice(2)}`);
  const file = await open(draft, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
  await mkdir(dirname(path), { recursive: true });
  await rename(draft, path);
}
