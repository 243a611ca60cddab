import type { ImageRange } from "../image-map.js";
import { markerSector } from "../marker.js";
import { type Card, CardBad, type Mismatch, type Phase } from "./card.js";
import { liar } from "./head.js";
import { readBack } from "./read-back.js";

type Numbered = readonly [number, ImageRange];

/** A range that did not read back, with its number. */
export interface Wrong extends Mismatch {
  readonly index: number;
}

/**
 * Reads ranges back and compares their digests; gives those that differ. `head`: the image's beginning, standing in for the
 * card's while that is not written yet.
 */
export async function verify(
  card: Card,
  ranges: readonly Numbered[],
  options: { readonly phase: Phase; readonly head?: Buffer; right?(index: number): void },
): Promise<readonly Wrong[]> {
  const { algorithm } = card.image.known;
  const total = ranges.reduce((sum, [, { start, end }]) => sum + end - start, 0);
  const wrong: Wrong[] = [];
  let done = 0;
  const look = (bytes: Buffer) => {
    done += bytes.length;
    card.tell({ type: "progress", phase: options.phase, done, total });
  };
  const { signal } = card;
  const head = options.head ? { head: options.head } : {};
  for await (const { index, range, digest } of readBack(card.drive, ranges, { algorithm, signal, look, ...head })) {
    if (range.digest === undefined) throw new Error(`range ${index} has no digest`);
    if (digest === range.digest) {
      card.tally.verified += range.end - range.start;
      options.right?.(index);
    } else wrong.push({ index, start: range.start, end: range.end, algorithm, wanted: range.digest, got: digest });
  }
  return wrong;
}

/** Throws CardBad when a range that did not read back holds what was written elsewhere. */
export async function checkForLies(card: Card, nonce: string, wrong: readonly Wrong[]): Promise<void> {
  const ranges = wrong.map(({ index, start, end }) => [index, { start, end }] as const);
  const look = (bytes: Buffer, offset: number) => {
    const other = card.image.traces.elsewhere(bytes, offset);
    if (other !== undefined) throw liar(offset, other);
    const sector = markerSector(bytes, nonce);
    if (sector !== undefined && offset > 0) throw liar(offset, sector * 512);
  };
  const { algorithm } = card.image.known;
  for await (const _ of readBack(card.drive, ranges, { algorithm, signal: card.signal, look, head: card.image.head })) {
    // `look` does it.
  }
}

/** What a card is called that does not keep a range, not even the second time. */
export function notKept({ index: _, ...mismatch }: Wrong, count: number): CardBad {
  const { start, end, algorithm, wanted, got } = mismatch;
  const more = count > 1 ? `, and ${count - 1} more` : "";
  return new CardBad(
    `bytes ${start} to ${end} do not read back as they were written${more}: ${algorithm} ${got}, not ${wanted}`,
    mismatch,
  );
}
