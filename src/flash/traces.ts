import { createHash } from "node:crypto";

/** One block in so many bytes is remembered. */
const EVERY = 65_536;
/** As much of it, bytes. */
const SAMPLE = 512;

/**
 * Remembers by a few bytes here and there what is written where. A card that claims more than it has gives, at one address,
 * what was written to another; that is told from plain damage by finding the bytes here.
 */
export class Traces {
  readonly #places = new Map<string, number>();

  remember(bytes: Uint8Array, offset: number): void {
    for (const [print, at] of prints(bytes, offset, EVERY)) if (!this.#places.has(print)) this.#places.set(print, at);
  }

  /** Where bytes that were read at `offset` belong, if that is elsewhere. Looks at every sector: the shift may be any. */
  elsewhere(bytes: Uint8Array, offset: number): number | undefined {
    for (const [print, at] of prints(bytes, offset, SAMPLE)) {
      const place = this.#places.get(print);
      if (place !== undefined && place !== at) return place - (at - offset);
    }
    return undefined;
  }
}

function* prints(bytes: Uint8Array, offset: number, every: number): Generator<readonly [string, number]> {
  for (let at = Math.ceil(offset / every) * every - offset; at + SAMPLE <= bytes.length; at += every) {
    const sample = bytes.subarray(at, at + SAMPLE);
    // Zeros and the like are everywhere.
    if (sample.every((byte) => byte === sample[0])) continue;
    yield [createHash("sha1").update(sample).digest("base64"), offset + at];
  }
}
