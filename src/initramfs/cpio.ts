/**
 * A cpio archive of the "new ASCII" form, the only one the kernel unpacks:
 *
 *   070701 | ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor namesize check, 8 hex digits each
 *   name with NUL, padded to 4 bytes | content, padded to 4 bytes | … | an entry named TRAILER!!!
 *
 * Source: Linux, Documentation/driver-api/early-userspace/buffer-format.rst; init/initramfs.c.
 */
export interface CpioEntry {
  /** Without a leading slash. */
  readonly path: string;
  readonly what:
    | { readonly folder: true }
    | { readonly file: Uint8Array }
    | { readonly link: string }
    | { readonly char: { readonly major: number; readonly minor: number } };
  /** Permission bits; a link has all of them. */
  readonly mode: number;
}

const TRAILER = "TRAILER!!!";
const BLOCK = 512;
const TYPE = { folder: 0o040000, file: 0o100000, link: 0o120000, char: 0o020000 };

/** The archive of entries in their order, all root's and of one time (seconds): the same entries give the same bytes. */
export function cpio(entries: readonly CpioEntry[], time: number): Buffer {
  const pieces = entries.flatMap((entry, index) => member(entry, index + 1, time));
  pieces.push(...record(TRAILER, new Uint8Array(), { nlink: 1 }));
  const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return Buffer.concat(pieces, Math.ceil(size / BLOCK) * BLOCK);
}

function member({ path, what, mode }: CpioEntry, ino: number, mtime: number): Buffer[] {
  const common = { ino, mtime, nlink: 1 };
  if ("folder" in what) return record(path, new Uint8Array(), { ...common, mode: TYPE.folder | mode, nlink: 2 });
  if ("file" in what) return record(path, what.file, { ...common, mode: TYPE.file | mode });
  if ("link" in what) return record(path, Buffer.from(what.link), { ...common, mode: TYPE.link | 0o777 });
  const { major, minor } = what.char;
  return record(path, new Uint8Array(), { ...common, mode: TYPE.char | mode, rdevmajor: major, rdevminor: minor });
}

interface Fields {
  readonly ino?: number;
  readonly mode?: number;
  readonly nlink: number;
  readonly mtime?: number;
  readonly rdevmajor?: number;
  readonly rdevminor?: number;
}

function record(path: string, content: Uint8Array, fields: Fields): Buffer[] {
  const { ino = 0, mode = 0, nlink, mtime = 0, rdevmajor = 0, rdevminor = 0 } = fields;
  const name = Buffer.from(`${path}\0`);
  const numbers = [ino, mode, 0, 0, nlink, mtime, content.length, 0, 0, rdevmajor, rdevminor, name.length, 0];
  const head = `070701${numbers.map((value) => value.toString(16).toUpperCase().padStart(8, "0")).join("")}`;
  return [padded(Buffer.concat([Buffer.from(head), name])), padded(Buffer.from(content))];
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes], Math.ceil(bytes.length / 4) * 4);
}
