import { appendFileSync } from "node:fs";
import type { CardFacts } from "./cards/card-facts.js";
import type { CardResult } from "./flash-cards.js";

/** What is kept of a card after it was written: a line of NDJSON. */
export interface CardRecord extends Omit<CardResult, "drive"> {
  readonly type: "card";
  /** ISO 8601, when it was done. */
  readonly at: string;
  readonly drive: { readonly path: string; readonly name: string; readonly serial: string; readonly size: number };
  readonly image: {
    readonly name: string;
    readonly size?: number;
    /** SHA-256 of its bmap, which holds the digest of every range; undefined without one. */
    readonly bmap?: string;
  };
  /** What is this card's own, without secrets. */
  readonly card?: CardFacts;
  /** Bytes a second that were written, over the whole time. */
  readonly speed: number;
}

export function cardRecord(
  result: CardResult,
  drive: CardRecord["drive"],
  image: CardRecord["image"],
  at: Date,
  card?: CardFacts,
): CardRecord {
  const speed = result.seconds > 0 ? Math.round(result.tally.written / result.seconds) : 0;
  return { type: "card", at: at.toISOString(), ...result, drive, image, ...(card ? { card } : {}), speed };
}

/** Adds a record to a file. */
export function appendRecord(path: string, record: CardRecord): void {
  appendFileSync(path, `${JSON.stringify(record)}\n`);
}
