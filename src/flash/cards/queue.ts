import type { OwnCard } from "./own-of.js";

/** Rows on their way to cards, one after another: in order, and again while no card of theirs is good. */
export class CardQueue {
  readonly #waiting: OwnCard[];
  #left: number;

  constructor(cards: readonly OwnCard[]) {
    this.#waiting = [...cards];
    this.#left = cards.length;
  }

  /** Whether every row has its card. */
  get done(): boolean {
    return this.#left === 0;
  }

  /** The next row; undefined while all that are left are being written. */
  take(): OwnCard | undefined {
    return this.#waiting.shift();
  }

  /** What became of a row that was taken: a bad card's goes to the next one that is put in. */
  settle(card: OwnCard, good: boolean): void {
    if (good) this.#left--;
    else this.#waiting.unshift(card);
  }
}
