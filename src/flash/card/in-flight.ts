/** Keeps a few pieces of work going at once; the first error is thrown by whatever is called next. */
export class InFlight {
  readonly #most: number;
  readonly #going = new Set<Promise<void>>();
  #failed: { readonly error: unknown } | undefined;

  constructor(most: number) {
    this.#most = most;
  }

  /** Starts it as soon as there is room. */
  async add(work: () => Promise<void>): Promise<void> {
    while (this.#going.size >= this.#most) await Promise.race(this.#going);
    if (this.#failed) throw this.#failed.error;
    const going: Promise<void> = work()
      .catch((error: unknown) => {
        this.#failed ??= { error };
      })
      .finally(() => this.#going.delete(going));
    this.#going.add(going);
  }

  /** Waits for all of it. */
  async done(): Promise<void> {
    await Promise.all(this.#going);
    if (this.#failed) throw this.#failed.error;
  }
}
