import { BLOCK, padding, parseHeader, type RawHeader } from "./header.js";
import { nameOf, normalise } from "./names.js";
import { parseRecords } from "./pax.js";

/** Bytes that can be read anywhere: a tar on disk, or one in memory. Reads are short and synchronous; big data is never read through it. */
export interface Bytes {
  readonly size: number;
  /** Exactly `length` bytes, or fewer at the end. */
  read(offset: number, length: number): Buffer;
}

export interface Range {
  readonly bytes: Bytes;
  readonly offset: number;
  readonly length: number;
}

export type EntryType = "file" | "folder" | "symlink" | "hardlink" | "char" | "block" | "fifo";

/** What a tar says about one path, apart from its content. */
export interface Meta {
  readonly type: EntryType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds, perhaps with a fraction. */
  readonly mtime: number;
  /** Target of a symlink as it is; of a hardlink as a path of this tar. */
  readonly link?: string;
  readonly device?: { readonly major: number; readonly minor: number };
  /** Extended records beyond those above: xattrs above all. */
  readonly records?: ReadonlyMap<string, Buffer>;
}

/** One member of a tar. */
export interface Entry extends Meta {
  /** Without `./`; "" is the root folder. */
  readonly path: string;
  readonly content: Range;
  /** All its blocks, extended headers included: copying them copies the entry. Absent when they mean something else alone. */
  readonly raw?: Range;
}

const TYPES: Readonly<Record<string, EntryType>> = {
  "0": "file",
  "7": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "char",
  "4": "block",
  "5": "folder",
  "6": "fifo",
};

/** Records that `Meta` and the header already say. */
const SAID = new Set([
  "path",
  "linkpath",
  "size",
  "uid",
  "gid",
  "mtime",
  "atime",
  "ctime",
  "uname",
  "gname",
  "comment",
]);

/**
 * The members of a tar (ustar, pax, GNU, v7), in order. Only headers are read.
 * Throws a plain Error that says what is wrong and at which byte.
 */
export function* entries(bytes: Bytes): Generator<Entry> {
  const global = new Map<string, Buffer>();
  let start = 0;
  let at = 0;
  let records = new Map<string, Buffer>();
  let longName: string | undefined;
  let longLink: string | undefined;
  const whole = (offset: number, length: number): Buffer => {
    const data = bytes.read(offset, length);
    if (data.length < length) throw new Error(`the tar ends in the middle of an entry, at byte ${bytes.size}`);
    return data;
  };
  for (;;) {
    // GNU tar and busybox end at the first block of zeroes, and some writers leave none.
    if (at === bytes.size && start === at) return;
    let header: RawHeader | undefined;
    try {
      header = parseHeader(whole(at, BLOCK));
    } catch (cause) {
      throw at === 0 ? new Error("this is no tar", { cause }) : placed(cause, at);
    }
    if (!header) return;
    const data = at + BLOCK;
    if (header.flag === "x" || header.flag === "g") {
      const parsed = attempt(() => parseRecords(whole(data, header.size)), at);
      if (header.flag === "x") records = parsed;
      else for (const [key, value] of parsed) if (key !== "comment") global.set(key, value);
      at = data + header.size + padding(header.size);
      if (header.flag === "g") start = at;
      continue;
    }
    if (header.flag === "L" || header.flag === "K") {
      const name = nameOf(whole(data, header.size)).replace(/\0.*$/s, "");
      if (header.flag === "L") longName = name;
      else longLink = name;
      at = data + header.size + padding(header.size);
      continue;
    }
    const all = new Map([...global, ...records]);
    const said = (key: string): string | undefined => {
      const value = all.get(key);
      return value === undefined ? undefined : nameOf(value);
    };
    const name = said("GNU.sparse.name") ?? said("path") ?? longName ?? header.name;
    // Old tars say "folder" by a trailing slash alone; a long name's first hundred characters may end with one, too.
    const folder = header.flag === "0" && name.endsWith("/");
    const type = folder ? "folder" : header.flag === "S" ? "file" : TYPES[header.flag];
    if (!type) throw new Error(`an entry of the unknown type "${header.flag}", at byte ${at}`);
    // Links and devices may carry a size that means nothing.
    const size = type === "file" ? Number(said("size") ?? header.size) : 0;
    const link = said("linkpath") ?? longLink ?? header.link;
    const head = data + (header.flag === "S" ? sparseBlocks(whole, at) * BLOCK : 0);
    const end = head + size + padding(size);
    if (end > bytes.size && head + size > bytes.size) {
      throw new Error(`the tar ends in the middle of ${name}, at byte ${bytes.size}`);
    }
    const path = safe(normalise(name), at);
    const canonical =
      name === `./${path}${type === "folder" && path !== "" ? "/" : ""}` &&
      (type !== "hardlink" || link === `./${normalise(link)}`);
    const kept = new Map([...all].filter(([key]) => !SAID.has(key)));
    yield {
      path,
      type,
      mode: header.mode,
      uid: Number(said("uid") ?? header.uid),
      gid: Number(said("gid") ?? header.gid),
      mtime: Number(said("mtime") ?? header.mtime),
      ...(type === "symlink" ? { link } : type === "hardlink" ? { link: safe(normalise(link), at) } : {}),
      ...(type === "char" || type === "block" ? { device: { major: header.major, minor: header.minor } } : {}),
      ...(kept.size > 0 ? { records: kept } : {}),
      content: { bytes, offset: head, length: size },
      ...(canonical && global.size === 0 && end <= bytes.size
        ? { raw: { bytes, offset: start, length: end - start } }
        : header.flag === "S" || [...kept.keys()].some((key) => key.startsWith("GNU.sparse."))
          ? unsupported(name)
          : {}),
    };
    start = at = Math.min(end, bytes.size);
    records = new Map();
    longName = longLink = undefined;
  }
}

/** GNU's old sparse format goes on in further blocks while a flag in the last one says so. */
function sparseBlocks(whole: (offset: number, length: number) => Buffer, at: number): number {
  let count = 0;
  let more = whole(at, BLOCK)[482] === 1;
  while (more) {
    count += 1;
    more = whole(at + count * BLOCK, BLOCK)[504] === 1;
  }
  return count;
}

function unsupported(name: string): never {
  throw new Error(`${name} is stored with holes (tar --sparse); pack the tar again without that`);
}

function safe(path: string, at: number): string {
  if (path.split("/").includes("..")) throw new Error(`the name ${path} leads out of the tar, at byte ${at}`);
  return path;
}

function attempt<T>(run: () => T, at: number): T {
  try {
    return run();
  } catch (cause) {
    throw placed(cause, at);
  }
}

function placed(cause: unknown, at: number): Error {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.includes("at byte") ? (cause as Error) : new Error(`${message}, at byte ${at}`, { cause });
}
