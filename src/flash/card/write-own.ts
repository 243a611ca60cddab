import { alignedBuffers } from "../aligned.js";
import { PIECE } from "../drive.js";
import { piecesOf } from "../image-map.js";
import { copyOwn } from "../own-range.js";
import type { Card } from "./card.js";

/** Writes what is this card's alone, and flushes. */
export async function writeOwn(card: Card): Promise<void> {
  const { drive, own, tally, signal } = card;
  if (!own) return;
  const [buffer] = alignedBuffers(1, PIECE) as [Buffer];
  for (const { start, end } of piecesOf(own)) {
    signal.throwIfAborted();
    const length = end - start;
    const bytes = buffer.subarray(0, Math.ceil(length / drive.block) * drive.block);
    copyOwn(own, bytes, start);
    await drive.write(bytes, start);
    tally.written += length;
  }
  await drive.flush();
}
