import { setTimeout as sleep } from "node:timers/promises";
import type { Drive } from "../drive.js";

/** How patient a drive is used. */
export interface DrivePatience {
  /** Tries per read or write. */
  readonly tries: number;
  /** Milliseconds before the second; doubles with each. */
  readonly pause: number;
  /** Milliseconds after which a drive that does not answer is given up. Cards pause for seconds while they tidy up. */
  readonly stall: number;
}

export const DRIVE_PATIENCE: DrivePatience = { tries: 4, pause: 100, stall: 90_000 };

/** The drive does not do its work: it is given up, whatever it holds. */
export class DriveFailed extends Error {}

const PASSING = new Set(["EIO", "EBUSY", "EAGAIN", "ETIMEDOUT", "EINTR"]);
const GONE = new Set(["ENODEV", "ENXIO", "ENOMEDIUM", "ENOENT", "EBADF", "EREMOTEIO"]);

/** The same drive, its errors that may pass tried again and counted, the others told as DriveFailed. */
export function patientDrive(drive: Drive, retried: () => void, patience: DrivePatience = DRIVE_PATIENCE): Drive {
  const patiently = async (what: string, offset: number | undefined, body: () => Promise<void>): Promise<void> => {
    const where = offset === undefined ? "" : ` at byte ${offset}`;
    for (let tried = 1; ; tried++) {
      try {
        await answered(
          body(),
          patience.stall,
          () => new DriveFailed(`it did not answer for ${patience.stall / 1000} s (${what}${where})`),
        );
        return;
      } catch (error) {
        if (error instanceof DriveFailed) throw error;
        const { code = "", message } = error as NodeJS.ErrnoException;
        if (GONE.has(code)) throw new DriveFailed(`it is gone (${what}${where}: ${code})`, { cause: error });
        if (code === "ENOSPC")
          throw new DriveFailed(`it ends earlier than it says (${what}${where})`, { cause: error });
        if (!PASSING.has(code)) throw new DriveFailed(`${what}${where}: ${message}`, { cause: error });
        if (tried >= patience.tries)
          throw new DriveFailed(`${what}${where} failed ${tried} times: ${code}`, { cause: error });
        retried();
        await sleep(patience.pause * 2 ** (tried - 1));
      }
    }
  };
  const { discard } = drive;
  return {
    name: drive.name,
    identity: drive.identity,
    capacity: drive.capacity,
    block: drive.block,
    direct: drive.direct,
    read: (into, offset) => patiently("reading", offset, () => drive.read(into, offset)),
    write: (from, offset) => patiently("writing", offset, () => drive.write(from, offset)),
    flush: () => patiently("flushing", undefined, () => drive.flush()),
    ...(discard ? { discard } : {}),
    [Symbol.asyncDispose]: () => drive[Symbol.asyncDispose](),
  };
}

async function answered(work: Promise<void>, milliseconds: number, late: () => Error): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), milliseconds);
  });
  // Whoever loses may still fail, long after.
  work.catch(() => {});
  try {
    await Promise.race([work, silence]);
  } finally {
    clearTimeout(timer);
  }
}
