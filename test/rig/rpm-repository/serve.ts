import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { HttpRig } from "../http-server.js";

/** Unpacks a repository's tar into `folder` and serves it at `/PREFIX/`. */
export function serveRepository(server: HttpRig, prefix: string, tar: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  execFileSync("tar", ["-xf", tar, "-C", folder]);
  serveFolder(server, prefix, folder);
}

/** Serves every file of a folder at `/PREFIX/`, in place of what was there. */
export function serveFolder(server: HttpRig, prefix: string, folder: string): void {
  for (const path of [...server.resources.keys()]) if (path.startsWith(`/${prefix}/`)) server.resources.delete(path);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const path = relative(folder, file).split("/").map(encodeURIComponent).join("/");
    server.resources.set(`/${prefix}/${path}`, { body: readFileSync(file) });
  }
}
