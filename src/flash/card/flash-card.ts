import type { ImageRange } from "../image-map.js";
import type { Progress } from "../journal.js";
import { HEAD, newNonce } from "../marker.js";
import { type Card, CardBad } from "./card.js";
import { checkAliases, checkMarker, hasMarker, placeMarker, writeHead } from "./head.js";
import { checkForLies, notKept, verify, type Wrong } from "./verify.js";
import { writeBody } from "./write-body.js";
import { writeOwn } from "./write-own.js";

/**
 * Brings the image onto one card, and returns only when every byte of it was read back and is right:
 *
 *   compare   (update, resume) which ranges are right already
 *   marker    over the beginning: from here on the card does not look like one
 *   body      everything else, flushed; then what is this card's alone
 *   verify    each range past the page cache; what differs is written once more, and then all is read once more
 *   marker    is still there: nothing that was written went over it, so no two addresses are one place
 *   head      table and boot loader, flushed and read back
 *
 * Throws CardBad, DriveFailed, SourceFailed or the signal's reason.
 */
export async function flashCard(card: Card): Promise<void> {
  let joined = false;
  const join: Join = (wants) => {
    joined = true;
    return card.image.join(wants);
  };
  try {
    await bring(card, join);
  } finally {
    if (!joined) card.image.absent();
  }
}

type Join = Card["image"]["join"];

async function bring(card: Card, join: Join): Promise<void> {
  const { known } = card.image;
  const progress = card.update ? undefined : await progressOf(card);
  const nonce = progress?.nonce ?? newNonce();
  const compareTo = card.update ? Number.POSITIVE_INFINITY : (progress?.written ?? 0);

  const right = new Set<number>();
  if (compareTo > 0 && (known.described || card.own)) {
    const ranges = (known.described ? allRanges(card) : ownRanges(card)).filter(([, { end }]) => end <= compareTo);
    await verify(card, ranges, { phase: "comparing", right: (index) => right.add(index) });
    for (const index of right) card.tally.unchanged += lengthOf(rangeAt(card, index));
    if (known.described && right.size === allRanges(card).length) {
      card.journal.clear();
      return;
    }
  }
  await placeMarker(card, nonce);
  card.journal.write({ nonce, written: progress?.written ?? 0 });
  // What was found right must not be what the next writes go over.
  if (compareTo > 0) await checkAliases(card, nonce);

  let headWritten = false;
  try {
    const changed = await body(card, join, { nonce, right, compareTo });
    if (card.own && !right.has(OWN)) {
      await writeOwn(card);
      changed.add(OWN);
    }
    const all = allRanges(card);
    const ranges = all.filter(([index, { start }]) => !right.has(index) && (changed.has(index) || start < HEAD));
    await verified(card, nonce, ranges, all);
    await checkMarker(card, nonce);
    headWritten = true;
    await writeHead(card);
    card.journal.clear();
  } catch (error) {
    // A card that is not good should not look as if it were.
    if (headWritten && !card.signal.aborted) await placeMarker(card, nonce).catch(() => {});
    if (error instanceof CardBad) card.journal.clear();
    throw error;
  }
}

/** What an earlier run left behind on this very card. */
async function progressOf(card: Card): Promise<Progress | undefined> {
  const progress = card.journal.read();
  if (progress === undefined) return undefined;
  const whole = card.image.known.size !== undefined && progress.written >= card.image.known.size;
  if (whole || (await hasMarker(card, progress.nonce))) {
    card.tell({ type: "note", text: `goes on where it was, at byte ${progress.written}` });
    return progress;
  }
  card.tell({
    type: "note",
    text: "is another card than before, or was changed since: it is written from the beginning",
  });
  return undefined;
}

async function body(
  card: Card,
  join: Join,
  {
    nonce,
    right,
    compareTo,
  }: { readonly nonce: string; readonly right: ReadonlySet<number>; readonly compareTo: number },
): Promise<Set<number>> {
  const { known } = card.image;
  const wants = (piece: { start: number; range: number }) => piece.start < HEAD || !right.has(piece.range);
  // Ranges with a digest were compared already.
  const compare = known.described ? 0 : compareTo;
  const skipZeros = compareTo === 0 && (await discarded(card));
  const follower = await join(wants);
  const kept = [...right].reduce((sum, index) => sum + lengthOf(index === OWN ? undefined : known.at(index)), 0);
  try {
    return await writeBody(card, follower, {
      phase: "writing",
      total: known.mapped === undefined ? undefined : known.mapped - kept,
      compareTo: compare,
      skipZeros,
      written: (to) => card.journal.write({ nonce, written: to }),
    });
  } finally {
    await follower.leave();
  }
}

/** An image without a map has its zeros dropped, where the drive takes a range back and gives zeros for it. */
async function discarded({ drive, image, own }: Card): Promise<boolean> {
  const { size, mapped } = image.known;
  const whole = mapped === undefined ? undefined : mapped + lengthOf(own);
  if (!drive.discard || size === undefined || size !== whole || size <= HEAD) return false;
  return await drive.discard(HEAD, Math.floor(size / 4096) * 4096);
}

async function verified(
  card: Card,
  nonce: string,
  ranges: readonly Numbered[],
  all: readonly Numbered[],
): Promise<void> {
  const { image } = card;
  const known = image.known.size ?? 0;
  card.journal.write({ nonce, written: known });
  const wrong = await verify(card, ranges, { phase: "verifying", head: image.head });
  const [first] = wrong;
  if (first === undefined) return;
  await checkForLies(card, nonce, wrong);
  if (!image.rereadable) throw notKept(first, wrong.length);
  await rewrite(card, wrong);
  // Writing to one place of a broken card may change another.
  const still = await verify(card, all, { phase: "verifying", head: image.head });
  if (still[0] === undefined) return;
  await checkForLies(card, nonce, still);
  throw notKept(still[0], still.length);
}

async function rewrite(card: Card, wrong: readonly Wrong[]): Promise<void> {
  const numbers = new Set(wrong.map(({ index }) => index));
  card.tally.rewritten += wrong.length;
  if (numbers.delete(OWN)) await writeOwn(card);
  if (numbers.size === 0) return;
  const follower = card.image.again((piece) => numbers.has(piece.range));
  try {
    const total = wrong.reduce((sum, { index, start, end }) => sum + (index === OWN ? 0 : end - start), 0);
    await writeBody(card, follower, { phase: "rewriting", total, compareTo: 0, skipZeros: false, written: () => {} });
  } finally {
    await follower.leave();
  }
}

/** The number of what is the card's alone, among the image's ranges. */
const OWN = -1;

type Numbered = readonly [number, ImageRange];

const ownRanges = ({ own }: Card): readonly Numbered[] => (own ? [[OWN, own]] : []);

/** All that has to be on the card, in its order. */
function allRanges(card: Card): readonly Numbered[] {
  return [...card.image.known.all(), ...ownRanges(card)].sort(([, a], [, b]) => a.start - b.start);
}

const rangeAt = (card: Card, index: number): ImageRange | undefined =>
  index === OWN ? card.own : card.image.known.at(index);

const lengthOf = (range: Pick<ImageRange, "start" | "end"> | undefined): number =>
  range ? range.end - range.start : 0;
