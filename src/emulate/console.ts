import { StringDecoder } from "node:string_decoder";
import type { Talk } from "../engine/engine.js";
import { stripAnsi } from "./ansi.js";
import type { Budget, Host } from "./budget.js";

/** U-Boot and tty drivers drop input that comes faster (measured); milliseconds between two characters. */
const KEY_INTERVAL = 20;

/** How often a waiting proof looks at its limit, milliseconds. */
const TICK = 250;

/** How much untaken text is kept for matching, characters; the log keeps all. */
const UNREAD_MOST = 256 * 1024;

/** A line of the console; `seconds` since power-on when its first character came. */
export interface ConsoleLine {
  readonly seconds: number;
  readonly text: string;
}

/** Waiting took longer than the budget allowed. */
export class Overdue extends Error {
  readonly seconds: number;
  constructor(seconds: number) {
    super(`nothing came in ${Math.round(seconds)} s`);
    this.name = "Overdue";
    this.seconds = seconds;
  }
}

/**
 * The serial console of a running emulator: its lines as text with their times, and a slow typist.
 * `onLine` sees each whole line, and with `whole` false the text behind the last line end as it grows.
 * `watch` is asked at each look of a waiting proof; it throws when there is nothing left to wait for.
 */
export class SerialConsole {
  readonly #talk: Talk;
  readonly #host: Host;
  readonly #start: number;
  readonly #signal: AbortSignal;
  readonly #onLine: (line: ConsoleLine, whole: boolean) => void;
  readonly #watch: () => void;
  readonly #lines: ConsoleLine[] = [];
  #news = openPromise();
  #tick: Promise<void> | undefined;
  #open: ConsoleLine = { seconds: 0, text: "" };
  /** Text since the last `take`, across lines. */
  #unread = "";
  #ended = false;
  #lost: unknown;

  constructor(
    talk: Talk,
    host: Host,
    signal: AbortSignal,
    onLine: (line: ConsoleLine, whole: boolean) => void,
    watch: () => void,
  ) {
    this.#watch = watch;
    this.#talk = talk;
    this.#host = host;
    this.#start = host.now();
    this.#signal = signal;
    this.#onLine = onLine;
    void this.#read();
  }

  /** Seconds since power-on. */
  get seconds(): number {
    return this.#host.now() - this.#start;
  }

  /** True when the emulator has ended and all it said was read. */
  get ended(): boolean {
    return this.#ended;
  }

  /** True while not one character came. */
  get silent(): boolean {
    return this.#lines.length === 0 && this.#open.text === "";
  }

  /** All lines so far, the unfinished one last. */
  lines(): readonly ConsoleLine[] {
    return this.#open.text === "" ? [...this.#lines] : [...this.#lines, this.#open];
  }

  /**
   * Waits until the condition gives a value; looked at whenever something came, when the emulator ended, and at each tick.
   * Throws Overdue when the budget is spent, the signal's reason when aborted.
   */
  async until<T>(condition: () => T | undefined, budget: Budget): Promise<T> {
    for (;;) {
      this.#signal.throwIfAborted();
      if (this.#lost !== undefined) throw this.#lost;
      const value = condition();
      if (value !== undefined) return value;
      this.#watch();
      if (budget.spent()) throw new Overdue(budget.wall);
      await this.#somethingCame();
    }
  }

  /** The text up to and with the pattern's first match in what was not taken yet; takes it. Undefined while there is none. */
  take(pattern: RegExp): { readonly before: string; readonly match: RegExpExecArray } | undefined {
    const match = pattern.exec(this.#unread);
    if (!match) return undefined;
    const before = this.#unread.slice(0, match.index);
    this.#unread = this.#unread.slice(match.index + match[0].length);
    return { before, match };
  }

  /** Types as a person would, one character after the other. */
  async type(text: string): Promise<void> {
    for (const character of text) {
      this.#signal.throwIfAborted();
      if (this.#ended) return;
      this.#talk.write(character);
      await this.#host.pause(KEY_INTERVAL);
    }
  }

  async #read(): Promise<void> {
    const decoder = new StringDecoder("utf8");
    let held = "";
    try {
      for await (const chunk of this.#talk.output) {
        const stripped = stripAnsi(held + decoder.write(chunk));
        held = stripped.rest;
        this.#take(stripped.text);
      }
    } catch (error) {
      this.#lost = error;
    }
    if (this.#open.text !== "") this.#take("\n");
    this.#ended = true;
    this.#wake();
  }

  #take(text: string): void {
    if (text === "") return;
    const seconds = this.seconds;
    const plain = text.replace(/\r/g, "");
    this.#unread = (this.#unread + plain).slice(-UNREAD_MOST);
    const [first = "", ...more] = plain.split("\n");
    this.#open = this.#open.text === "" ? { seconds, text: first } : { ...this.#open, text: this.#open.text + first };
    for (const next of more) {
      this.#lines.push(this.#open);
      this.#onLine(this.#open, true);
      this.#open = { seconds, text: next };
    }
    if (this.#open.text !== "") this.#onLine(this.#open, false);
    this.#wake();
  }

  #wake(): void {
    this.#news.resolve();
    this.#news = openPromise();
  }

  /** Until the console says something or ends, at most a tick; one tick serves all who wait. */
  #somethingCame(): Promise<void> {
    this.#tick ??= this.#host.pause(TICK).finally(() => {
      this.#tick = undefined;
    });
    return Promise.race([this.#tick, this.#news.promise]);
  }
}

function openPromise(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
