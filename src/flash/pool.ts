import { alignedBuffers } from "./aligned.js";
import { PIECE } from "./drive.js";

/** A few buffers of PIECE bytes, taken and given back: how much is in memory at once. */
export class Pool {
  readonly #free: Buffer[];
  readonly #waiting: ((buffer: Buffer) => void)[] = [];

  constructor(count: number) {
    this.#free = alignedBuffers(count, PIECE);
  }

  /** The next free one. */
  async take(): Promise<Buffer> {
    return this.#free.pop() ?? (await new Promise((resolve) => this.#waiting.push(resolve)));
  }

  give(buffer: Buffer): void {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(buffer);
    else this.#free.push(buffer);
  }
}
