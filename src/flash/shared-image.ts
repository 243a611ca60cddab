import { setTimeout as sleep } from "node:timers/promises";
import { alignedBuffers } from "./aligned.js";
import { PIECE } from "./drive.js";
import type { KnownRanges } from "./known-ranges.js";
import { HEAD } from "./marker.js";
import { type Buffers, type Piece, pieceStream } from "./piece-stream.js";
import { Pool } from "./pool.js";
import type { ImageSource } from "./source/image-source.js";
import { Traces } from "./traces.js";

/** A piece of the image that a drive has the use of until it gives it back. */
export interface Lease extends Piece {
  /** From `start`, in whole blocks of 4096 bytes, zeros behind the image's end. Others read it too. */
  readonly bytes: Buffer;
  release(): void;
}

/** One drive's way through the image. */
export interface Follower {
  /** The next piece that is wanted, in the image's order; undefined behind the last. */
  next(): Promise<Lease | undefined>;
  /** Wants no more. */
  leave(): Promise<void>;
}

/** How many pieces a drive may have the use of at once. */
export const LEASES = 3;

/** Buffers for one drive, and for each more; what is above LEASES is read ahead. */
const BUFFERS = 12;
const MORE = 4;

/** Milliseconds: how long the others wait for one drive, when they begin and when they have to wait for its buffers. */
export interface Patience {
  readonly begin: number;
  readonly buffers: number;
}
export const PATIENCE: Patience = { begin: 3000, buffers: 500 };

interface Entry {
  readonly piece: Piece & { readonly buffer: Buffer };
  users: number;
}

interface Place {
  readonly wants: (piece: Piece) => boolean;
  readonly queue: Entry[];
  waiting: boolean;
  own?: Follower;
}

/**
 * The image on its way to many drives: read and unpacked once, each range checked against its digest, a bounded number of
 * pieces in memory. A drive that holds the others up is left behind and reads the source again for itself.
 */
export class SharedImage implements Disposable {
  readonly known: KnownRanges;
  readonly traces = new Traces();
  /** The image's first bytes, which are written last; HEAD of them, zeros behind the image's end. */
  readonly head = alignedBuffers(1, HEAD)[0] as Buffer;
  readonly #source: ImageSource;
  readonly #signal: AbortSignal;
  readonly #patience: Patience;
  readonly #places = new Set<Place>();
  readonly #free: Buffer[];
  #expected: number;
  #begun = false;
  #ended = false;
  #failed: { readonly error: unknown } | undefined;
  #turn = deferred();

  constructor(
    source: ImageSource,
    known: KnownRanges,
    options: { readonly drives: number; readonly signal: AbortSignal; readonly patience?: Patience },
  ) {
    this.known = known;
    this.#source = source;
    this.#signal = options.signal;
    this.#patience = options.patience ?? PATIENCE;
    this.#expected = options.drives;
    this.#free = alignedBuffers(BUFFERS + MORE * (options.drives - 1), PIECE);
    options.signal.addEventListener("abort", this.#wake);
  }

  readonly #wake = (): void => this.#changed();

  /** Nobody reads any more. */
  [Symbol.dispose](): void {
    this.#signal.removeEventListener("abort", this.#wake);
  }

  get rereadable(): boolean {
    return this.#source.rereadable;
  }

  /** A drive begins. The first ones wait for each other a little, those that come too late read for themselves. */
  async join(wants: (piece: Piece) => boolean): Promise<Follower> {
    const place: Place = { wants, queue: [], waiting: false };
    this.#expected--;
    if (this.#begun) {
      if (!this.rereadable) throw new Error("a drive came too late for standard input");
      place.own = this.again(wants);
    } else {
      this.#places.add(place);
      this.#changed();
      const patience = this.rereadable ? this.#patience.begin : Number.POSITIVE_INFINITY;
      const until = Date.now() + patience;
      while (!this.#begun && this.#expected > 0 && Date.now() < until) await this.#turnOr(until - Date.now());
      this.#begin();
    }
    return { next: () => this.#next(place), leave: () => this.#leave(place) };
  }

  /** A drive that was expected does not begin. */
  absent(): void {
    this.#expected--;
    this.#changed();
  }

  /** A way of its own through the source, for what is wanted. */
  again(wants: (piece: Piece) => boolean): Follower {
    return ownWay((buffers) => pieceStream(this.#source, this.known, wants, buffers, this.#signal));
  }

  async #next(place: Place): Promise<Lease | undefined> {
    for (;;) {
      this.#signal.throwIfAborted();
      if (place.own) return await place.own.next();
      const entry = place.queue.shift();
      if (entry) {
        place.waiting = false;
        return this.#lease(entry);
      }
      if (this.#failed) throw this.#failed.error;
      if (this.#ended) return undefined;
      // Told once: two who wait would wake each other for ever.
      if (!place.waiting) {
        place.waiting = true;
        this.#changed();
      }
      await this.#turn.promise;
    }
  }

  #lease(entry: Entry): Lease {
    const { buffer, ...piece } = entry.piece;
    let held = true;
    const release = () => {
      if (held) this.#release(entry);
      held = false;
    };
    return { ...piece, bytes: blocksOf(buffer, piece), release };
  }

  #release(entry: Entry): void {
    if (--entry.users > 0) return;
    this.#free.push(entry.piece.buffer);
    this.#changed();
  }

  async #leave(place: Place): Promise<void> {
    this.#places.delete(place);
    for (const entry of place.queue.splice(0)) this.#release(entry);
    this.#changed();
    await place.own?.leave();
  }

  #changed(): void {
    const { resolve } = this.#turn;
    this.#turn = deferred();
    resolve();
  }

  /** Waits until something changed, or for a while. */
  async #turnOr(milliseconds: number): Promise<void> {
    const timer = new AbortController();
    const turn = this.#turn.promise;
    const pause = Number.isFinite(milliseconds)
      ? [sleep(Math.max(0, milliseconds), undefined, { signal: timer.signal })]
      : [];
    await Promise.race([turn, ...pause]);
    timer.abort();
  }

  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#changed();
    void this.#produce();
  }

  async #produce(): Promise<void> {
    const wanted = (piece: Piece) => [...this.#places].some((place) => place.wants(piece));
    const buffers: Buffers = { take: () => this.#take(), give: (buffer) => void this.#free.push(buffer) };
    try {
      for await (const piece of pieceStream(this.#source, this.known, wanted, buffers, this.#signal)) {
        const { buffer, start, end } = piece;
        this.traces.remember(buffer.subarray(0, end - start), start);
        if (start < HEAD) blocksOf(buffer, piece).copy(this.head, start);
        const takers = [...this.#places].filter((place) => place.wants(piece));
        const entry: Entry = { piece, users: takers.length };
        for (const { queue } of takers) queue.push(entry);
        if (takers.length === 0) this.#free.push(buffer);
        this.#changed();
        if (this.#places.size === 0) return;
      }
    } catch (error) {
      this.#failed = { error };
    } finally {
      this.#ended = true;
      this.#changed();
    }
  }

  /** A free buffer. Drives whom the others wait for too long are left to themselves. */
  async #take(): Promise<Buffer> {
    const until = Date.now() + this.#patience.buffers;
    for (;;) {
      this.#signal.throwIfAborted();
      const free = this.#free.pop();
      if (free) return free;
      const starving = [...this.#places].some(({ waiting, queue }) => waiting && queue.length === 0);
      if (starving && this.rereadable && Date.now() >= until) this.#leaveBehind();
      else await this.#turnOr(starving && this.rereadable ? until - Date.now() : Number.POSITIVE_INFINITY);
    }
  }

  /** Sends whoever has the longest queue on a way of its own. */
  #leaveBehind(): void {
    const longest = Math.max(...[...this.#places].map(({ queue }) => queue.length));
    for (const place of this.#places) {
      const first = place.queue[0]?.piece;
      if (place.queue.length < longest || first === undefined) continue;
      const { number, range } = first;
      // Whoever is alone with a range has to learn its digest.
      const whole = this.known.at(range)?.digest === undefined;
      this.#places.delete(place);
      place.own = this.again((piece) => (whole ? piece.range >= range : piece.number >= number) && place.wants(piece));
      for (const entry of place.queue.splice(0)) this.#release(entry);
    }
  }
}

interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function deferred(): Deferred {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

const blocksOf = (buffer: Buffer, { start, end }: Piece): Buffer =>
  buffer.subarray(0, Math.ceil((end - start) / 4096) * 4096);

function ownWay(open: (buffers: Buffers) => AsyncGenerator<Piece & { readonly buffer: Buffer }>): Follower {
  const pool = new Pool(LEASES + 1);
  const stream = open(pool);
  return {
    next: async () => {
      const next = await stream.next();
      if (next.done) return undefined;
      const { buffer, ...piece } = next.value;
      return { ...piece, bytes: blocksOf(buffer, piece), release: () => pool.give(buffer) };
    },
    leave: async () => void (await stream.return(undefined)),
  };
}
