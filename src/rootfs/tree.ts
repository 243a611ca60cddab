import { type Bytes, type Entry, type EntryType, entries, type Meta, type Range } from "./entries.js";
import { bytesOf, normalise } from "./names.js";

/** One path of a tree: what it is, and where its content or its tar blocks come from. */
export interface Node extends Meta {
  readonly path: string;
  readonly content: Range | Buffer;
  /** The blocks of the tar it came from, while they still say the truth. */
  readonly raw?: Range;
}

/** Owner and mode of something new; what replaces a thing keeps that thing's. */
export interface Access {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

const NOTHING = Buffer.alloc(0);
const LINKS = 40;

/**
 * A root filesystem as its tar describes it: paths, owners, modes, links, xattrs, with contents left where they are
 * (a 300 MB tar is a few MB of this). Edits change the description; `emit` makes a tar of it again.
 * Paths are followed through the tree's own symlinks, so `lib/modules` lands in `usr/lib` where `lib` is a link.
 */
export class Tree {
  readonly #nodes = new Map<string, Node>();
  /** Hardlinks by what they point at. */
  readonly #links = new Map<string, Set<string>>();
  /** Time of everything new, seconds. */
  readonly #epoch: number;

  constructor(epoch: number) {
    this.#epoch = epoch;
  }

  /** The tree a tar describes; of two members of one path the later counts. Throws a plain Error on a damaged tar. */
  static of(tar: Bytes, epoch: number): Tree {
    const tree = new Tree(epoch);
    for (const entry of entries(tar)) tree.#put(entry);
    return tree;
  }

  /** In the order in which they will stand in the tar. */
  nodes(): IterableIterator<Node> {
    return this.#nodes.values();
  }

  /** The node at a path; its last part is followed too when it is a symlink, unless `last` is "keep". */
  get(path: string, last: "follow" | "keep" = "follow"): Node | undefined {
    const at = this.resolve(path, last);
    return at === undefined ? undefined : this.#nodes.get(at);
  }

  has(path: string): boolean {
    return this.get(path) !== undefined;
  }

  /** Where a path leads through the tree's symlinks; parts that are not there stay as they are. Undefined for a loop. */
  resolve(path: string, last: "follow" | "keep" = "follow"): string | undefined {
    const left = normalise(path).split("/").filter(Boolean);
    let done: string[] = [];
    for (let links = 0; left.length > 0; ) {
      const part = left.shift() ?? "";
      if (part === "..") {
        done.pop();
        continue;
      }
      const here = [...done, part].join("/");
      const node = this.#nodes.get(here);
      if (node?.type !== "symlink" || (left.length === 0 && last === "keep")) {
        done.push(part);
        continue;
      }
      links += 1;
      if (links > LINKS) return undefined;
      const link = node.link ?? "";
      if (link.startsWith("/")) done = [];
      left.unshift(...link.split("/").filter((one) => one !== "" && one !== "."));
    }
    return done.join("/");
  }

  /** A file's content, through symlinks and hardlinks; undefined when there is no file. For configuration, not for big data. */
  read(path: string): Buffer | undefined {
    let node = this.get(path);
    if (node?.type === "hardlink") node = this.#nodes.get(node.link ?? "");
    if (node?.type !== "file") return undefined;
    if (Buffer.isBuffer(node.content)) return node.content;
    const { bytes, offset, length } = node.content;
    return bytes.read(offset, length);
  }

  text(path: string): string | undefined {
    return this.read(path)?.toString("utf8");
  }

  /** Names in a folder, sorted. */
  list(path: string): string[] {
    const folder = this.resolve(path);
    if (folder === undefined) return [];
    const prefix = folder === "" ? "" : `${folder}/`;
    const names = new Set<string>();
    for (const key of this.#nodes.keys()) {
      if (key.startsWith(prefix) && key !== folder) names.add(key.slice(prefix.length).split("/")[0] ?? "");
    }
    names.delete("");
    return [...names].sort();
  }

  /** Writes a file; one that is there keeps its owner, mode and xattrs unless `access` says otherwise. A symlink at the end is followed. */
  write(path: string, content: string | Buffer, access: Access = {}): void {
    const at = this.resolve(path) ?? normalise(path);
    const old = this.#nodes.get(at);
    const kept = new Map([...(old?.records ?? [])].filter(([key]) => key !== "SCHILY.xattr.security.capability"));
    this.#put({
      path: at,
      type: "file",
      mode: access.mode ?? old?.mode ?? 0o644,
      uid: access.uid ?? old?.uid ?? 0,
      gid: access.gid ?? old?.gid ?? 0,
      mtime: this.#epoch,
      ...(kept.size > 0 ? { records: kept } : {}),
      content: typeof content === "string" ? bytesOf(content) : content,
    });
  }

  /** Makes a folder, or gives one that is there another owner or mode. */
  folder(path: string, access: Access = {}): void {
    const at = this.resolve(path) ?? normalise(path);
    const old = this.#nodes.get(at);
    if (old?.type === "folder" && Object.keys(access).length === 0) return;
    const { raw: _raw, ...same } = old?.type === "folder" ? old : this.#bare(at, "folder", 0o755);
    this.#put({ ...same, mode: access.mode ?? same.mode, uid: access.uid ?? same.uid, gid: access.gid ?? same.gid });
  }

  /** Makes a symlink, in place of whatever is there. */
  symlink(path: string, target: string, access: Access = {}): void {
    const at = this.resolve(path, "keep") ?? normalise(path);
    this.#put({ ...this.#bare(at, "symlink", 0o777), ...access, mode: 0o777, link: target });
  }

  /** Puts a member of another tar here, at `path`, with owner and mode as `access` says or as it has them. Hardlinks must point at a path of this tree already. */
  place(path: string, entry: Entry, access: Access = {}): void {
    const at = this.resolve(path, entry.type === "folder" ? "follow" : "keep") ?? normalise(path);
    const link = entry.type === "hardlink" ? (this.resolve(entry.link ?? "", "keep") ?? entry.link) : entry.link;
    const same = at === entry.path && link === entry.link && Object.keys(access).length === 0;
    const { raw, ...node } = entry;
    this.#put({
      ...node,
      ...access,
      path: at,
      ...(link === undefined ? {} : { link }),
      ...(same && raw ? { raw } : {}),
    });
  }

  /** Removes a path and all below it; a symlink at the end is removed itself. */
  remove(path: string): boolean {
    const at = this.resolve(path, "keep");
    if (at === undefined || !this.#nodes.has(at)) return false;
    if (this.#nodes.get(at)?.type === "folder") {
      for (const key of [...this.#nodes.keys()]) if (key.startsWith(`${at}/`)) this.#drop(key);
    }
    this.#drop(at);
    return true;
  }

  #bare(path: string, type: EntryType, mode: number): Node {
    return { path, type, mode, uid: 0, gid: 0, mtime: this.#epoch, content: NOTHING };
  }

  /** Sets a node in its old place, or behind all others with the folders above it. */
  #put(node: Node): void {
    const old = this.#nodes.get(node.path);
    if (old) {
      if (old.type === "folder" && node.type !== "folder") {
        for (const key of [...this.#nodes.keys()]) if (key.startsWith(`${node.path}/`)) this.#drop(key);
      }
      if (old.type === "file") this.#inherit(old);
      if (old.type === "hardlink") this.#links.get(old.link ?? "")?.delete(old.path);
    } else {
      this.#parents(node.path);
    }
    this.#nodes.set(node.path, node);
    if (node.type === "hardlink") {
      const link = node.link ?? "";
      const set = this.#links.get(link) ?? new Set();
      this.#links.set(link, set.add(node.path));
      // A link stands behind what it points at: a replaced node may have stood in front.
      if (old) {
        this.#nodes.delete(node.path);
        this.#nodes.set(node.path, node);
      }
    }
  }

  #parents(path: string): void {
    const parts = path.split("/").slice(0, -1);
    for (let i = 1; i <= parts.length; i++) {
      const parent = parts.slice(0, i).join("/");
      const node = this.#nodes.get(parent);
      if (node?.type !== "folder") {
        if (node) this.#drop(parent);
        this.#nodes.set(parent, this.#bare(parent, "folder", 0o755));
      }
    }
  }

  #drop(path: string): void {
    const node = this.#nodes.get(path);
    if (node?.type === "file") this.#inherit(node);
    if (node?.type === "hardlink") this.#links.get(node.link ?? "")?.delete(path);
    this.#nodes.delete(path);
  }

  /** A file that goes or changes leaves its content to the first of its hardlinks; the others point there. */
  #inherit(file: Node): void {
    const links = this.#links.get(file.path);
    this.#links.delete(file.path);
    const [heir, ...others] = links ?? [];
    if (heir === undefined) return;
    const { raw: _raw, ...rest } = file;
    this.#nodes.set(heir, { ...rest, path: heir });
    if (others.length > 0) this.#links.set(heir, new Set(others));
    for (const other of others) {
      const node = this.#nodes.get(other);
      if (!node) continue;
      const { raw: _old, ...same } = node;
      this.#nodes.set(other, { ...same, link: heir });
    }
  }
}
