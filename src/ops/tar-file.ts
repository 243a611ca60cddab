import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { emit } from "../rootfs/emit.js";
import type { Bytes, Range } from "../rootfs/entries.js";
import type { Tree } from "../rootfs/tree.js";

/** Headers lie close together, so one read serves many; contents are jumped over. */
const WINDOW = 32 * 1024;
const COPY = 1024 ** 2;

/** A file's bytes for the rootfs room. Reads are synchronous: an index of a 300 MB tar takes about a tenth of a second. */
export class FileBytes implements Bytes, Disposable {
  readonly size: number;
  readonly #fd: number;
  #window: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(path: string) {
    this.#fd = openSync(path, "r");
    this.size = fstatSync(this.#fd).size;
  }

  read(offset: number, length: number): Buffer {
    if (offset >= this.#at && offset + length <= this.#at + this.#window.length) {
      return Buffer.from(this.#window.subarray(offset - this.#at, offset - this.#at + length));
    }
    const data = this.#fetch(offset, Math.max(length, WINDOW));
    if (length < WINDOW) {
      this.#window = data;
      this.#at = offset;
    }
    return Buffer.from(data.subarray(0, length));
  }

  #fetch(offset: number, length: number): Buffer {
    const data = Buffer.alloc(Math.max(0, Math.min(length, this.size - offset)));
    let done = 0;
    while (done < data.length) {
      const read = readSync(this.#fd, data, done, data.length - done, offset + done);
      if (read === 0) break;
      done += read;
    }
    return data.subarray(0, done);
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}

/** Files that are read together and closed together, each with its path. */
export function openFiles(): Disposable & { readonly paths: ReadonlyMap<Bytes, string>; open(path: string): Bytes } {
  const paths = new Map<FileBytes, string>();
  return {
    paths,
    open: (path) => {
      const file = new FileBytes(path);
      paths.set(file, path);
      return file;
    },
    [Symbol.dispose]: () => {
      for (const file of paths.keys()) file[Symbol.dispose]();
    },
  };
}

/** Writes a tree's tar to a file. `sources` are the files its ranges are of, each with its path. Memory stays at a few MB. */
export async function writeTar(
  tree: Tree,
  sources: ReadonlyMap<Bytes, string>,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const handles = new Map<Bytes, FileHandle>();
  const to = await open(path, "w");
  try {
    const buffer = Buffer.allocUnsafe(COPY);
    let filled = 0;
    const flush = async (): Promise<void> => {
      for (let done = 0; done < filled; ) done += (await to.write(buffer, done, filled - done)).bytesWritten;
      filled = 0;
    };
    const copy = async (range: Range): Promise<void> => {
      let handle = handles.get(range.bytes);
      if (!handle) {
        const source = sources.get(range.bytes);
        if (source === undefined) throw new Error("a range of an unknown file");
        handle = await open(source, "r");
        handles.set(range.bytes, handle);
      }
      for (let done = 0; done < range.length; ) {
        if (filled === COPY) await flush();
        const wanted = Math.min(COPY - filled, range.length - done);
        const { bytesRead } = await handle.read(buffer, filled, wanted, range.offset + done);
        if (bytesRead === 0) throw new Error("a tar became shorter while it was read");
        filled += bytesRead;
        done += bytesRead;
      }
    };
    for (const piece of emit(tree)) {
      signal.throwIfAborted();
      if (!Buffer.isBuffer(piece)) {
        await copy(piece);
        continue;
      }
      for (let done = 0; done < piece.length; ) {
        if (filled === COPY) await flush();
        const part = piece.copy(buffer, filled, done);
        filled += part;
        done += part;
      }
    }
    await flush();
  } finally {
    await to.close();
    for (const handle of handles.values()) await handle.close();
  }
}
