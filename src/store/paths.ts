import { join } from "node:path";
import type { StoredObject } from "./store.js";

/*
 * objects/sha256/ab/…   files by the SHA-256 of their bytes, mode 0444
 * objects/sparse/ab/…   images by digestSparse, holes kept
 * results/ab/KEY.json   what a step's key made
 * runs/RUN.json         which keys a run used: what gc keeps
 * tmp/OWNER/            scratch of one process
 * cache/NAME/           kept between runs, nothing depends on it
 * locks/NAME            one holder each
 */

const HEX = /^[0-9a-f]{64}$/;

/** Where an object lies. */
export function objectPath(root: string, object: Pick<StoredObject, "digest" | "kind">): string {
  if (!HEX.test(object.digest)) throw new Error(`no digest: ${object.digest}`);
  const folder = object.kind === "sparse" ? "sparse" : "sha256";
  return join(root, "objects", folder, object.digest.slice(0, 2), object.digest.slice(2));
}

/** Where the result of a key is recorded. */
export function resultPath(root: string, key: string): string {
  if (!HEX.test(key)) throw new Error(`no key: ${key}`);
  return join(root, "results", key.slice(0, 2), `${key}.json`);
}

/** Where a lock of that name lies. */
export function lockPath(root: string, name: string): string {
  return join(root, "locks", encodeURIComponent(name));
}
