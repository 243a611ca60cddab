import { formatDuration } from "../../report/duration.js";
import { formatSize } from "../../util/size.js";
import type { CardRecord } from "../record.js";

/** The verdict on a card as one line. */
export function verdictLine(record: CardRecord): string {
  const { drive, verdict, reason, tally, seconds, speed, direct } = record;
  const own = record.card?.hostname;
  if (verdict !== "good") {
    const without = own === undefined ? "" : `; ${own} has no card yet`;
    return `${drive.name}: ${verdict === "bad" ? "BAD CARD" : verdict}: ${reason}${without}`;
  }
  const facts =
    tally.written === 0
      ? [`nothing had to be written (${formatDuration(seconds)})`]
      : [`${formatSize(tally.written)} written in ${formatDuration(seconds)} (${formatSize(speed)}/s)`];
  if (tally.written > 0 && tally.unchanged > 0) facts.push(`${formatSize(tally.unchanged)} were right already`);
  if (tally.discarded > 0) facts.push(`${formatSize(tally.discarded)} of zeros given up instead of written`);
  facts.push(direct ? "every byte read back" : "every byte read back, but perhaps from memory (no direct I/O there)");
  if (tally.retries > 0) facts.push(`${tally.retries} errors passed`);
  if (tally.rewritten > 0) facts.push(`${tally.rewritten} ranges had to be written twice: do not trust this card`);
  return `${drive.name}: good: ${[...(own === undefined ? [] : [own]), ...facts].join(", ")}`;
}
