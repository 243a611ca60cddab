/** What a proof sees of the machine it runs on; tests give their own. */
export interface Host {
  /** Seconds that only go forward. */
  now(): number;
  /** Load average of the last minute divided by the cores; 1 means each core has just enough to do. */
  load(): number;
  /** Lets milliseconds pass. */
  pause(milliseconds: number): Promise<void>;
}

/** How much slower than an idle one a host with this load is for an emulator: between 1 and 20 times. */
export function slowness(load: number): number {
  return Math.min(20, Math.max(1, load));
}

/**
 * Seconds of an unloaded machine, spent slower the more the host is loaded: a limit that stretches while it runs.
 * The load average lags behind by a minute, so a host that was loaded at the start counts as loaded all along.
 */
export class Budget {
  readonly #host: Host;
  readonly #atStart: number;
  #left: number;
  #last: number;
  #wall = 0;

  constructor(host: Host, seconds: number) {
    this.#host = host;
    this.#atStart = host.load();
    this.#left = seconds;
    this.#last = host.now();
  }

  /** Counts the time since the last call; true when all is spent. */
  spent(): boolean {
    const now = this.#host.now();
    const passed = now - this.#last;
    this.#last = now;
    this.#wall += passed;
    this.#left -= passed / slowness(Math.max(this.#atStart, this.#host.load()));
    return this.#left <= 0;
  }

  /** Wall seconds that were given, up to the last count. */
  get wall(): number {
    return this.#wall;
  }
}
