import type { Drive } from "../drive.js";
import type { Journal } from "../journal.js";
import type { OwnRange } from "../own-range.js";
import type { SharedImage } from "../shared-image.js";

/** What is being done to a card. */
export type Phase = "comparing" | "writing" | "verifying" | "rewriting";

/** What becomes known of a card while it is written. */
export type CardEvent =
  | { readonly type: "progress"; readonly phase: Phase; readonly done: number; readonly total: number | undefined }
  | { readonly type: "note"; readonly text: string };

/** One card to be written, and with what. */
export interface Card {
  /** Already patient. */
  readonly drive: Drive;
  readonly image: SharedImage;
  /** What is not the image's but this card's alone. The image's map leaves it out. */
  readonly own?: OwnRange;
  readonly journal: Journal;
  /** Milliseconds between two entries of it. */
  readonly journalEvery: number;
  /** Write only what differs from the image. */
  readonly update: boolean;
  readonly signal: AbortSignal;
  readonly tally: Tally;
  tell(event: CardEvent): void;
}

/** Bytes and the like, counted while they happen. */
export interface Tally {
  written: number;
  /** Found to be right already. */
  unchanged: number;
  /** Zeros that the drive was told to give up rather than sent. */
  discarded: number;
  verified: number;
  /** Reads and writes that were tried again. */
  retries: number;
  /** Ranges that did not read back and were written once more. */
  rewritten: number;
}

export const newTally = (): Tally => ({
  written: 0,
  unchanged: 0,
  discarded: 0,
  verified: 0,
  retries: 0,
  rewritten: 0,
});

/** A range that does not read back. */
export interface Mismatch {
  readonly start: number;
  readonly end: number;
  readonly algorithm: string;
  readonly wanted: string;
  readonly got: string;
}

/** The card does not keep what is written to it. Nothing that is thrown later takes this back. */
export class CardBad extends Error {
  readonly mismatch: Mismatch | undefined;
  constructor(message: string, mismatch?: Mismatch) {
    super(message);
    this.mismatch = mismatch;
  }
}
