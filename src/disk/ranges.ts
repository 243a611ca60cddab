/** Bytes from `start` up to, not including, `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Reads `length` bytes at `offset` of an image; may give fewer only at its end. */
export type ReadAt = (offset: number, length: number) => Uint8Array;

/**
 * One sorted list without overlaps, every range widened to whole blocks and cut at `limit`.
 * Neighbours that touch become one.
 */
export function mergeRanges(ranges: Iterable<Range>, block: number, limit: number): Range[] {
  const widened = [...ranges]
    .filter((range) => range.end > range.start && range.start < limit)
    .map((range) => ({
      start: Math.floor(range.start / block) * block,
      end: Math.min(Math.ceil(range.end / block) * block, limit),
    }))
    .sort((a, b) => a.start - b.start);
  const merged: { start: number; end: number }[] = [];
  for (const range of widened) {
    const last = merged.at(-1);
    if (last && range.start <= last.end) last.end = Math.max(last.end, range.end);
    else merged.push({ ...range });
  }
  return merged;
}

/** Cuts ranges at multiples of `size` (counted from the image's start), so that pieces can be hashed side by side. */
export function splitRanges(ranges: readonly Range[], size: number): Range[] {
  return ranges.flatMap((range) => {
    const pieces: Range[] = [];
    for (let start = range.start; start < range.end; ) {
      const end = Math.min((Math.floor(start / size) + 1) * size, range.end);
      pieces.push({ start, end });
      start = end;
    }
    return pieces;
  });
}

/** The runs of set bits of a bitmap (bit 0 of byte 0 first), as [first, behind the last), up to `count` bits. */
export function* setRuns(bitmap: Uint8Array, count: number): Generator<readonly [number, number]> {
  let first = -1;
  for (let bit = 0; bit < count; bit++) {
    const byte = bitmap[bit >> 3] ?? 0;
    if ((bit & 7) === 0 && bit + 8 <= count && (byte === 0xff || byte === 0)) {
      if (byte === 0xff && first < 0) first = bit;
      if (byte === 0 && first >= 0) {
        yield [first, bit];
        first = -1;
      }
      bit += 7;
      continue;
    }
    const set = ((byte >> (bit & 7)) & 1) === 1;
    if (set && first < 0) first = bit;
    if (!set && first >= 0) {
      yield [first, bit];
      first = -1;
    }
  }
  if (first >= 0) yield [first, count];
}
