import { type Bytes, type Entry, entries } from "./entries.js";
import type { Findings } from "./findings.js";
import type { Access, Tree } from "./tree.js";

/** A user's folder or file on its way into the rootfs. */
export interface Overlay {
  /** As the recipe wrote it, for messages. */
  readonly shown: string;
  /** Absolute folder in the rootfs. */
  readonly to: string;
  readonly uid: number;
  readonly gid: number;
  readonly mode?: number;
  /** A folder as a tar; a file as it is, with its name. */
  readonly content: { readonly tar: Bytes } | { readonly file: Bytes; readonly name: string };
}

/** Lays a user's files over the rootfs. Folders that are there keep owner and mode; time is `epoch`, seconds. */
export function overlay(tree: Tree, over: Overlay, epoch: number, findings: Findings): void {
  for (const entry of "tar" in over.content ? entries(over.content.tar) : [single(over.content)]) {
    const path = `${over.to}/${entry.path}`;
    const there = tree.get(path, entry.type === "folder" ? "follow" : "keep");
    if (entry.type === "folder") {
      if (there?.type === "folder") continue;
      if (there) clash(over, path, "a file in the rootfs and a folder in the overlay", findings);
      else tree.folder(path, access(over, folderMode(over.mode) ?? entry.mode));
      continue;
    }
    if (there?.type === "folder") {
      clash(over, path, "a folder in the rootfs and a file in the overlay", findings);
      continue;
    }
    const mode = entry.type === "file" && over.mode !== undefined ? over.mode : entry.mode;
    const link = entry.type === "hardlink" ? { link: `${over.to}/${entry.link}` } : {};
    tree.place(path, { ...entry, ...link, mtime: epoch }, access(over, mode));
  }
}

/** Who may read a folder's files may also enter it. */
function folderMode(mode: number | undefined): number | undefined {
  return mode === undefined ? undefined : mode | ((mode & 0o444) >> 2);
}

function access(over: Overlay, mode: number): Access {
  return { uid: over.uid, gid: over.gid, mode };
}

function single(content: { readonly file: Bytes; readonly name: string }): Entry {
  const range = { bytes: content.file, offset: 0, length: content.file.size };
  return { path: content.name, type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, content: range };
}

function clash(over: Overlay, path: string, what: string, findings: Findings): void {
  findings.mistake("overlay-clash", `overlay ${over.shown}: ${path.replace(/\/+/g, "/")} is ${what}`);
}
