import { type ImageMap, type ImageRange, rangeAt } from "./image-map.js";
import { SourceFailed } from "./source/image-source.js";

/** What is known of an image's ranges: from its bmap, and from whoever read one whole. */
export class KnownRanges {
  readonly #name: string;
  readonly #map: ImageMap;
  readonly #learned: (string | undefined)[] = [];
  #size: number | undefined;

  constructor(name: string, map: ImageMap) {
    this.#name = name;
    this.#map = map;
    this.#size = map.size;
  }

  get algorithm(): string {
    return this.#map.algorithm;
  }

  /** Bytes of the image; undefined until its end was read, when nothing said it before. */
  get size(): number | undefined {
    return this.#size;
  }

  /** Whether every range's digest was known before any was read. */
  get described(): boolean {
    return this.#map.ranges?.every(({ digest }) => digest !== undefined) ?? false;
  }

  /** The digest that names the image, when its bmap gives one. */
  get identity(): string | undefined {
    return this.#map.identity;
  }

  at(index: number): ImageRange | undefined {
    const range = rangeAt(this.#size === undefined ? this.#map : { ...this.#map, size: this.#size }, index);
    const digest = this.#learned[index] ?? range?.digest;
    return range && digest !== undefined ? { ...range, digest } : range;
  }

  /** All of them in order, with their numbers; without an end while the image's is not known. */
  *all(): Generator<readonly [number, ImageRange]> {
    for (let index = 0; ; index++) {
      const range = this.at(index);
      if (!range) return;
      yield [index, range];
    }
  }

  /** Bytes that are mapped, as far as that is known. */
  get mapped(): number | undefined {
    if (this.#map.ranges) return this.#map.ranges.reduce((sum, { start, end }) => sum + end - start, 0);
    return this.#size;
  }

  /** Takes the digest of a range that was read. Throws SourceFailed when it should be another. */
  learn(index: number, digest: string): void {
    const known = this.#learned[index] ?? this.#map.ranges?.[index]?.digest;
    if (known !== undefined && known !== digest) {
      const range = this.at(index);
      const what = this.#learned[index] === undefined ? "is not what its bmap says" : "changed while it was read";
      throw new SourceFailed(
        `${this.#name} ${what}: bytes ${range?.start} to ${range?.end} have ${this.algorithm} ${digest}, not ${known}`,
      );
    }
    this.#learned[index] = digest;
  }

  /** Takes the image's size from its end. Throws SourceFailed when it should be longer. */
  end(size: number): void {
    if (this.#size !== undefined && size !== this.#size) {
      throw new SourceFailed(`${this.#name} has ${size} bytes and should have ${this.#size}`);
    }
    this.#size = size;
  }
}
