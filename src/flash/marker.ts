import { randomBytes } from "node:crypto";
import { alignedBuffers } from "./aligned.js";
import { type Drive, PIECE } from "./drive.js";

/**
 * What lies at a card's beginning while it is being written, in each sector of 512 bytes:
 *
 *   boardsmith: this card is being written and is not whole yet\n      text for whoever looks
 *   NONCE SECTOR\n                                                     16 hex digits of this run; the sector's number
 *
 * No table and no boot loader is found there, so an interrupted card never boots. The nonce tells this card from another in
 * the same reader, and finding a marker anywhere else proves that two addresses are one place.
 */
export const HEAD = PIECE;
const SECTOR = 512;
const TEXT = "boardsmith: this card is being written and is not whole yet\n";

export const newNonce = (): string => randomBytes(8).toString("hex");

/** The marker, `length` bytes from sector 0 on. */
export function markerBytes(nonce: string, length = HEAD): Buffer {
  const [bytes] = alignedBuffers(1, length) as [Buffer];
  fillMarker(bytes, nonce, 0);
  return bytes;
}

/** Makes `bytes` say that they were written from sector `first` on. */
export function fillMarker(bytes: Buffer, nonce: string, first: number): void {
  bytes.fill(0);
  for (let at = 0; at < bytes.length; at += SECTOR)
    bytes.write(`${TEXT}${nonce} ${first + at / SECTOR}\n`, at, "latin1");
}

/** The sector that a marker of this run says it was written to, if there is one at the beginning of `bytes`. */
export function markerSector(bytes: Buffer, nonce: string): number | undefined {
  const text = bytes.toString("latin1", 0, TEXT.length + nonce.length + 12);
  if (!text.startsWith(`${TEXT}${nonce} `)) return undefined;
  return Number.parseInt(text.slice(TEXT.length + nonce.length + 1), 10);
}

/** Where the marker is found beyond its place, with the sector it was written to: those addresses are one place. */
export async function findMarkerBeyond(
  drive: Drive,
  nonce: string,
  end: number,
): Promise<{ readonly at: number; readonly same: number } | undefined> {
  const block = Math.max(drive.block, 4096);
  const [bytes] = alignedBuffers(1, block) as [Buffer];
  // Closer than the marker is long, so that none can lie between two looks.
  for (let at = HEAD; at + block <= end; at += HEAD - block) {
    await drive.read(bytes, at);
    const sector = markerSector(bytes, nonce);
    if (sector !== undefined) return { at, same: sector * SECTOR };
  }
  return undefined;
}
