import { type Card, CardBad, type CardEvent, type Mismatch, newTally, type Tally } from "./card/card.js";
import { flashCard } from "./card/flash-card.js";
import { DriveFailed, type DrivePatience, patientDrive } from "./card/patient-drive.js";
import type { Drive } from "./drive.js";
import type { ImageMap } from "./image-map.js";
import { type Journal, NO_JOURNAL } from "./journal.js";
import { KnownRanges } from "./known-ranges.js";
import type { OwnRange } from "./own-range.js";
import { type Patience, SharedImage } from "./shared-image.js";
import { type ImageSource, SourceFailed } from "./source/image-source.js";

/** What became of one card. */
export interface CardResult {
  readonly drive: string;
  /**
   * good: every byte was read back and is right. bad: the card does not keep what is written. failed: it could not be
   * written, because of the drive or of the image. stopped: by the user.
   */
  readonly verdict: "good" | "bad" | "failed" | "stopped";
  readonly reason?: string;
  readonly mismatch?: Mismatch;
  readonly tally: Readonly<Tally>;
  readonly seconds: number;
  /** False when the read-back may have come from memory. */
  readonly direct: boolean;
}

export interface FlashOptions {
  readonly update: boolean;
  readonly signal: AbortSignal;
  journal?(drive: Drive): Journal;
  /** What is this drive's alone; the map has to leave it out. */
  own?(drive: Drive): OwnRange | undefined;
  /** Milliseconds between two entries of a journal. */
  readonly journalEvery?: number;
  tell?(drive: Drive, event: CardEvent): void;
  /** Called for each card as soon as it is done. */
  finished?(result: CardResult): void;
  readonly patience?: Patience;
  readonly drivePatience?: DrivePatience;
}

/** Brings one image onto any number of cards at once. Never rejects because of a card: each has its verdict. */
export async function flashCards(
  source: ImageSource,
  map: ImageMap,
  drives: readonly Drive[],
  options: FlashOptions,
): Promise<readonly CardResult[]> {
  const known = new KnownRanges(source.name, map);
  using image = new SharedImage(source, known, {
    drives: drives.length,
    signal: options.signal,
    ...(options.patience ? { patience: options.patience } : {}),
  });
  return await Promise.all(
    drives.map(async (drive) => {
      const result = await flashOne(image, drive, options);
      options.finished?.(result);
      return result;
    }),
  );
}

async function flashOne(image: SharedImage, drive: Drive, options: FlashOptions): Promise<CardResult> {
  const tally = newTally();
  const own = options.own?.(drive);
  const began = Date.now();
  const card: Card = {
    drive: patientDrive(drive, () => void tally.retries++, options.drivePatience),
    image,
    ...(own ? { own } : {}),
    journal: options.journal?.(drive) ?? NO_JOURNAL,
    journalEvery: options.journalEvery ?? 500,
    update: options.update,
    signal: options.signal,
    tally,
    tell: (event) => options.tell?.(drive, event),
  };
  const outcome = await flashCard(card).then(
    () => ({ verdict: "good" as const }),
    (error: unknown) => failure(error, options.signal),
  );
  return { drive: drive.name, ...outcome, tally, seconds: (Date.now() - began) / 1000, direct: drive.direct };
}

function failure(error: unknown, signal: AbortSignal): Pick<CardResult, "verdict" | "reason" | "mismatch"> {
  if (error instanceof CardBad) {
    return { verdict: "bad", reason: error.message, ...(error.mismatch ? { mismatch: error.mismatch } : {}) };
  }
  if (error instanceof DriveFailed || error instanceof SourceFailed)
    return { verdict: "failed", reason: error.message };
  if (signal.aborted) return { verdict: "stopped", reason: "stopped" };
  throw error;
}
