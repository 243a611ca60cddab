import { createHash, type Hash } from "node:crypto";
import type { Range } from "../disk/ranges.js";
import { PIECE } from "./drive.js";
import { type ImageMap, type ImageRange, PLAIN_RANGE } from "./image-map.js";
import { type ImageReader, type ImageSource, SourceFailed } from "./source/image-source.js";

/**
 * The map of an image without a span that is each card's own. Ranges that reach into the span are cut: what is left of them
 * gets a digest of its own, read from the source and only when the whole range is what its bmap says.
 */
export async function cutMap(
  source: ImageSource,
  map: ImageMap & { readonly size: number },
  span: Range,
  signal: AbortSignal,
): Promise<ImageMap> {
  const ranges = map.ranges ?? plainRanges(map.size);
  const touched = ranges.filter((range) => range.start < span.end && range.end > span.start);
  const digests = touched.some(({ digest }) => digest !== undefined)
    ? await digestParts(source, map.algorithm, touched, span, signal)
    : new Map<number, string>();
  return {
    ...map,
    ranges: ranges.flatMap((range) => {
      if (!touched.includes(range)) return [range];
      return outside(range, span).map((part) => {
        const digest = digests.get(part.start);
        return digest === undefined ? part : { ...part, digest };
      });
    }),
  };
}

/** What of a range lies in front of a span, and behind it. */
function outside({ start, end }: Range, span: Range): readonly Range[] {
  return [
    { start, end: Math.min(end, span.start) },
    { start: Math.max(start, span.end), end },
  ].filter((part) => part.end > part.start);
}

function plainRanges(size: number): readonly ImageRange[] {
  return Array.from({ length: Math.ceil(size / PLAIN_RANGE) }, (_, index) => ({
    start: index * PLAIN_RANGE,
    end: Math.min((index + 1) * PLAIN_RANGE, size),
  }));
}

/** Digests of the parts outside of the span, by where they begin. */
async function digestParts(
  source: ImageSource,
  algorithm: string,
  ranges: readonly ImageRange[],
  span: Range,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, string>> {
  await using reader = await source.open(signal);
  const digests = new Map<number, string>();
  for (const range of ranges) {
    const whole = createHash(algorithm);
    const inside = { start: Math.max(range.start, span.start), end: Math.min(range.end, span.end) };
    for (const part of [...outside(range, span), inside].sort((a, b) => a.start - b.start)) {
      const own = createHash(algorithm);
      await hashRange(reader, source.name, part, [whole, own], signal);
      if (part !== inside) digests.set(part.start, own.digest("hex"));
    }
    const got = whole.digest("hex");
    if (range.digest === undefined || got === range.digest) continue;
    throw new SourceFailed(
      `${source.name} is not what its bmap says: bytes ${range.start} to ${range.end} have ${algorithm} ${got}, not ${range.digest}`,
    );
  }
  return digests;
}

async function hashRange(
  reader: ImageReader,
  name: string,
  { start, end }: Range,
  hashes: readonly Hash[],
  signal: AbortSignal,
): Promise<void> {
  const buffer = Buffer.alloc(Math.min(PIECE, end - start));
  for (let at = start; at < end; ) {
    signal.throwIfAborted();
    const length = await reader.read(buffer.subarray(0, Math.min(buffer.length, end - at)), at);
    if (length === 0) throw new SourceFailed(`${name} ends at byte ${at}`);
    for (const hash of hashes) hash.update(buffer.subarray(0, length));
    at += length;
  }
}
