import { alignedBuffers } from "../aligned.js";
import { findMarkerBeyond, HEAD, markerBytes, markerSector } from "../marker.js";
import { type Card, CardBad } from "./card.js";

/** Bytes of a card's beginning that are written last: less than HEAD on a card or for an image that is smaller. */
export function headLength({ drive, image }: Pick<Card, "drive" | "image">): number {
  const size = Math.min(image.known.size ?? HEAD, HEAD);
  return Math.min(Math.ceil(size / drive.block) * drive.block, drive.capacity);
}

/** Puts the marker where the table will be, and sees that it is there. */
export async function placeMarker(card: Card, nonce: string): Promise<void> {
  const marker = markerBytes(nonce, headLength(card));
  for (let tried = 1; ; tried++) {
    await card.drive.write(marker, 0);
    await card.drive.flush();
    if ((await readHead(card)).equals(marker)) return;
    if (tried === 2) throw new CardBad("it does not keep what is written to its beginning");
  }
}

/** Whether the card is the one that was being written with this nonce. */
export async function hasMarker({ drive }: Card, nonce: string): Promise<boolean> {
  const [bytes] = alignedBuffers(1, Math.max(drive.block, 4096)) as [Buffer];
  await drive.read(bytes, 0);
  return markerSector(bytes, nonce) === 0;
}

/** Throws CardBad when something else that was written has gone over the marker: two addresses are one place. */
export async function checkMarker(card: Card, nonce: string): Promise<void> {
  const marker = markerBytes(nonce, headLength(card));
  // Twice: a bit that flips on the way is no proof.
  for (let tried = 1; tried <= 2; tried++) {
    const bytes = await readHead(card);
    if (bytes.equals(marker)) return;
    const other = card.image.traces.elsewhere(bytes, 0);
    if (other !== undefined) throw liar(0, other);
  }
  throw new CardBad("what was written to its beginning is not there any more");
}

/** Throws CardBad when the marker turns up elsewhere on the card. */
export async function checkAliases(card: Card, nonce: string): Promise<void> {
  const end = Math.min(card.image.known.size ?? card.drive.capacity, card.drive.capacity);
  const found = await findMarkerBeyond(card.drive, nonce, end);
  if (found) throw liar(found.at, found.same);
}

/** Writes the image's own beginning, and sees that it is there. From now on the card looks like a card. */
export async function writeHead(card: Card): Promise<void> {
  const head = card.image.head.subarray(0, headLength(card));
  for (let tried = 1; ; tried++) {
    await card.drive.write(head, 0);
    await card.drive.flush();
    card.tally.written += head.length;
    const bytes = await readHead(card);
    if (bytes.equals(head)) break;
    if (tried === 2) throw new CardBad("its beginning does not read back as it was written");
    card.tally.rewritten++;
  }
  card.tally.verified += head.length;
}

/** What a card is called whose addresses `at` and `same` are one place. */
export function liar(at: number, same: number): CardBad {
  return new CardBad(`this card lies about its size: at byte ${at} it gives what was written to byte ${same}`);
}

async function readHead(card: Card): Promise<Buffer> {
  const [bytes] = alignedBuffers(1, headLength(card)) as [Buffer];
  await card.drive.read(bytes, 0);
  return bytes;
}
