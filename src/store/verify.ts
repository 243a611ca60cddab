import { rm } from "node:fs/promises";
import { allObjects } from "./listing.js";
import { reread } from "./objects.js";
import { resultPath } from "./paths.js";
import { allResults } from "./results.js";

export interface Verified {
  readonly objects: number;
  readonly bytes: number;
  /** Objects whose bytes are not what their name says; removed. */
  readonly corrupt: readonly string[];
  /** Results that named a corrupt or missing object; removed, so that the next build makes them again. */
  readonly dropped: readonly { readonly step: string; readonly key: string }[];
}

/** Reads every object again. What is spoilt goes, with the results that name it. */
export async function verify(root: string, signal: AbortSignal): Promise<Verified> {
  const corrupt: string[] = [];
  const sound = new Map<string, number>();
  let bytes = 0;
  for await (const object of allObjects(root)) {
    signal.throwIfAborted();
    bytes += object.size;
    if (await reread(root, object)) sound.set(`${object.kind} ${object.digest}`, object.size);
    else corrupt.push(object.digest);
  }
  const dropped: { step: string; key: string }[] = [];
  for await (const { key, step, outputs } of allResults(root)) {
    if (Object.values(outputs).every((object) => sound.get(`${object.kind} ${object.digest}`) === object.size))
      continue;
    dropped.push({ step, key });
    await rm(resultPath(root, key), { force: true });
  }
  return { objects: sound.size + corrupt.length, bytes, corrupt, dropped };
}
