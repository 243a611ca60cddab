import { InFlight } from "./card/in-flight.js";
import { type Drive, PIECE } from "./drive.js";
import { fillMarker, markerSector, newNonce } from "./marker.js";
import { Pool } from "./pool.js";

const SECTOR = 512;
const AT_ONCE = 3;

/** What a drive turned out to have. */
export interface ProbeResult {
  /** Bytes that really keep what is written to them. */
  readonly size: number;
  /** Two addresses that are one place, if there are any. */
  readonly same?: { readonly at: number; readonly as: number };
}

/**
 * Writes a drive full of sectors that say where they belong, and reads them all back: the only way to know how large a card
 * is. Everything on it is lost, and it takes as long as filling it does.
 */
export async function probeDrive(
  drive: Drive,
  options: { readonly signal: AbortSignal; tell(phase: "filling" | "reading", done: number, total: number): void },
): Promise<ProbeResult> {
  const nonce = newNonce();
  const pool = new Pool(AT_ONCE);
  const each = async (phase: "filling" | "reading", work: (buffer: Buffer, start: number) => Promise<void>) => {
    const flight = new InFlight(AT_ONCE);
    for (let start = 0; start < drive.capacity; start += PIECE) {
      options.signal.throwIfAborted();
      const buffer = await pool.take();
      const bytes = buffer.subarray(0, Math.min(PIECE, drive.capacity - start));
      await flight.add(() => work(bytes, start).finally(() => pool.give(buffer)));
      options.tell(phase, start + bytes.length, drive.capacity);
    }
    await flight.done();
  };
  await each("filling", async (bytes, start) => {
    fillMarker(bytes, nonce, start / SECTOR);
    await drive.write(bytes, start);
  });
  await drive.flush();

  let first = drive.capacity;
  let period = 0;
  let same: ProbeResult["same"];
  await each("reading", async (bytes, start) => {
    await drive.read(bytes, start);
    for (let at = 0; at < bytes.length; at += SECTOR) {
      const sector = markerSector(bytes.subarray(at, at + SECTOR), nonce);
      const place = start + at;
      if (sector === place / SECTOR) continue;
      first = Math.min(first, place);
      if (sector === undefined) continue;
      // Later writes went over earlier ones: addresses a whole number of rounds apart.
      period = divisor(Math.abs(sector * SECTOR - place), period);
      same ??= { at: place, as: sector * SECTOR };
    }
  });
  return { size: period > 0 ? period : first, ...(same ? { same } : {}) };
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
