import { posix } from "node:path";
import type { Tree } from "../rootfs/tree.js";
import { elfNeeds } from "./elf.js";

/** Where loaders look when a program names no folder; Debian's multiarch folders first. */
const FOLDERS = ["lib/arm-linux-gnueabihf", "usr/lib/arm-linux-gnueabihf", "lib", "usr/lib"];

/** A program of a root filesystem with its loader and all its libraries. */
export interface Closure {
  /** By path as the loader will ask for it, without a leading slash. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** Names that are nowhere. */
  readonly missing: readonly string[];
}

/** Follows what a program needs through a root filesystem's tree, links included. */
export function closure(tree: Tree, program: string): Closure {
  const files = new Map<string, Buffer>();
  const missing = new Set<string>();
  const take = (path: string): void => {
    const bytes = tree.read(path);
    if (!bytes || files.has(path)) return;
    files.set(path, bytes);
    const needs = elfNeeds(bytes);
    if (!needs) return;
    if (needs.loader !== undefined) {
      const loader = needs.loader.replace(/^\/+/, "");
      if (tree.read(loader)) take(loader);
      else missing.add(needs.loader);
    }
    const origin = path.split("/").slice(0, -1).join("/");
    const own = needs.folders.map((folder) =>
      posix.normalize(folder.replace(/\$\{?ORIGIN\}?/, `/${origin}`)).replace(/^\/+/, ""),
    );
    for (const library of needs.libraries) {
      const at = [...own, ...FOLDERS].map((folder) => `${folder}/${library}`).find((one) => tree.read(one));
      if (at === undefined) missing.add(library);
      else take(at);
    }
  };
  if (tree.read(program)) take(program);
  else missing.add(program);
  return { files, missing: [...missing].sort() };
}
