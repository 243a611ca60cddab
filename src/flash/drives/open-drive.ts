import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Drive } from "../drive.js";

/** What openDrive has to be told, since a block device's size is not to be had from stat. */
export interface DrivePlace {
  readonly path: string;
  readonly name: string;
  readonly identity: string;
  readonly capacity: number;
  readonly block: number;
  readonly discards: boolean;
}

/**
 * Opens a Linux block device (nobody else may have it: O_EXCL, open(2)) or a plain file for direct I/O. Where a filesystem
 * refuses that, such as a tmpfs, `direct` is false and reads may come from memory.
 */
export async function openDrive(place: DrivePlace): Promise<Drive> {
  const { path, name, identity, capacity, block } = place;
  const { file, direct } = await openDirect(path);
  return {
    name,
    identity,
    capacity,
    block,
    direct,
    read: async (into, offset) => {
      for (let done = 0; done < into.length; ) {
        const { bytesRead } = await file.read(into, done, into.length - done, offset + done);
        if (bytesRead === 0)
          throw Object.assign(new Error(`${name} ends at byte ${offset + done}`), { code: "ENOSPC" });
        done += bytesRead;
      }
    },
    write: async (from, offset) => {
      for (let done = 0; done < from.length; ) {
        const { bytesWritten } = await file.write(from, done, from.length - done, offset + done);
        if (bytesWritten === 0) throw Object.assign(new Error(`${name} takes no more bytes`), { code: "EIO" });
        done += bytesWritten;
      }
    },
    flush: () => file.sync(),
    ...(place.discards ? { discard: (start: number, end: number) => discard(path, start, end) } : {}),
    [Symbol.asyncDispose]: () => file.close(),
  };
}

/** Tries to open a drive that somebody has, and milliseconds between them: who was told to let go, or only looks, takes a moment. */
const TRIES = 8;
const PAUSE = 250;

async function openDirect(path: string): Promise<{ readonly file: FileHandle; readonly direct: boolean }> {
  const { O_RDWR, O_EXCL, O_DIRECT } = constants;
  for (let tried = 1; ; tried++) {
    try {
      return { file: await open(path, O_RDWR | O_EXCL | O_DIRECT), direct: true };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EINVAL") return { file: await open(path, O_RDWR | O_EXCL), direct: false };
      if (code !== "EBUSY" || tried >= TRIES) throw error;
      await sleep(PAUSE);
    }
  }
}

/** Through util-linux, since Node has no ioctl. It has to be told that the device is ours already. */
async function discard(path: string, start: number, end: number): Promise<boolean> {
  try {
    await promisify(execFile)("blkdiscard", ["--force", "--offset", `${start}`, "--length", `${end - start}`, path]);
    return true;
  } catch {
    return false;
  }
}
