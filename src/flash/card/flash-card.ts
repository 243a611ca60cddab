import type { ImageRange } from "../image-map.js";
import type { Progress } from "../journal.js";
import { HEAD, newNonce } from "../marker.js";
import { type Card, CardBad } from "./card.js";
import { checkAliases, checkMarker, hasMarker, placeMarker, writeHead } from "./head.js";
import { checkForLies, notKept, verify, type Wrong } from "./verify.js";
import { writeBody } from "./write-body.js";

/**
 * Brings the image onto one card, and returns only when every byte of it was read back and is right:
 *
 *   compare   (update, resume) which ranges are right already
 *   marker    over the beginning: from here on the card does not look like one
 *   body      everything else, flushed
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
  if (compareTo > 0 && known.described) {
    const ranges = [...known.all()].filter(([, { end }]) => end <= compareTo);
    await verify(card, ranges, { phase: "comparing", right: (index) => right.add(index) });
    for (const index of right) card.tally.unchanged += lengthOf(known.at(index));
    if (right.size === [...known.all()].length) {
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
    const all = [...known.all()];
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
): Promise<ReadonlySet<number>> {
  const { known } = card.image;
  const wants = (piece: { start: number; range: number }) => piece.start < HEAD || !right.has(piece.range);
  // Ranges with a digest were compared already.
  const compare = known.described ? 0 : compareTo;
  const skipZeros = compareTo === 0 && (await discarded(card));
  const follower = await join(wants);
  const kept = [...right].reduce((sum, index) => sum + lengthOf(known.at(index)), 0);
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
async function discarded({ drive, image }: Card): Promise<boolean> {
  const { size, mapped } = image.known;
  if (!drive.discard || size === undefined || size !== mapped || size <= HEAD) return false;
  return await drive.discard(HEAD, Math.floor(size / 4096) * 4096);
}

async function verified(
  card: Card,
  nonce: string,
  ranges: readonly (readonly [number, ImageRange])[],
  all: readonly (readonly [number, ImageRange])[],
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
  const follower = card.image.again((piece) => numbers.has(piece.range));
  card.tally.rewritten += wrong.length;
  try {
    const total = wrong.reduce((sum, { start, end }) => sum + end - start, 0);
    await writeBody(card, follower, { phase: "rewriting", total, compareTo: 0, skipZeros: false, written: () => {} });
  } finally {
    await follower.leave();
  }
}

const lengthOf = (range: ImageRange | undefined): number => (range ? range.end - range.start : 0);
