import { alignedBuffers } from "../aligned.js";
import { PIECE } from "../drive.js";
import { HEAD } from "../marker.js";
import { type Follower, LEASES, type Lease } from "../shared-image.js";
import type { Card, Phase } from "./card.js";
import { InFlight } from "./in-flight.js";
import { DriveFailed } from "./patient-drive.js";

/** How the pieces of the image get to the card. */
export interface WriteOptions {
  readonly phase: Phase;
  /** Bytes that will be written, where known. */
  readonly total: number | undefined;
  /** Up to where the card may be right already, so that it is read and compared first. */
  readonly compareTo: number;
  /** Zeros need not be written. */
  readonly skipZeros: boolean;
  /** Called now and then with the byte before which everything is written. */
  written(to: number): void;
}

/** Writes what a follower gives, except for the head, several pieces at once. Gives the numbers of the ranges that had to be written. */
export async function writeBody(card: Card, follower: Follower, options: WriteOptions): Promise<Set<number>> {
  const { drive, tally } = card;
  const flight = new InFlight(LEASES);
  const starts = new Set<number>();
  const changed = new Set<number>();
  const [own, zeros] = [alignedBuffers(1, PIECE)[0] as Buffer, Buffer.alloc(PIECE)];
  let last = Date.now();
  let done = 0;
  const finished = (lease: Lease) => {
    starts.delete(lease.start);
    lease.release();
    done += lease.end - lease.start;
    card.tell({ type: "progress", phase: options.phase, done, total: options.total });
    if (Date.now() - last < card.journalEvery) return;
    last = Date.now();
    options.written(starts.size > 0 ? Math.min(...starts) : lease.end);
  };
  for (let lease = await follower.next(); lease; lease = await follower.next()) {
    card.signal.throwIfAborted();
    const { start, end } = lease;
    if (end > drive.capacity) {
      lease.release();
      throw new DriveFailed(`the image is larger than this drive (${drive.capacity} bytes)`);
    }
    if (start < HEAD) {
      lease.release();
      continue;
    }
    const bytes = lease.bytes.subarray(0, Math.ceil((end - start) / drive.block) * drive.block);
    if (end <= options.compareTo && (await isThere(card, bytes, start, own))) {
      tally.unchanged += end - start;
      finished(lease);
      continue;
    }
    changed.add(lease.range);
    if (options.skipZeros && bytes.equals(zeros.subarray(0, bytes.length))) {
      tally.discarded += end - start;
      finished(lease);
      continue;
    }
    const held = lease;
    starts.add(start);
    const work = async () => {
      await drive.write(bytes, start);
      tally.written += end - start;
      finished(held);
    };
    await flight
      .add(() => work().finally(held.release))
      .catch((error: unknown) => {
        held.release();
        throw error;
      });
  }
  await flight.done();
  await drive.flush();
  return changed;
}

async function isThere(card: Card, bytes: Buffer, start: number, own: Buffer): Promise<boolean> {
  const read = own.subarray(0, bytes.length);
  await card.drive.read(read, start);
  return read.equals(bytes);
}
