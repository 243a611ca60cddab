import { setMaxListeners } from "node:events";
import { Slots } from "../run/slots.js";
import { type Answer, gone } from "./answer.js";

/** Questions at a time, of all hosts and of one. */
const AT_ONCE = 16;
const OF_ONE_HOST = 4;

/** A host that is gone says so in one of these ways (see http-reason.ts), or by saying nothing. */
const DEAD = /^(no answer within|no host of that name|the name could not be looked up|connection refused|no way to)/;

/** Keeps questions to a host few at a time, and asks one that is gone only once: its other questions get the same answer. */
export class Hosts {
  readonly #all = new Slots(AT_ONCE);
  readonly #hosts = new Map<string, { readonly slots: Slots; dead?: Answer }>();
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    // All that wait listen to it, which is no leak.
    this.#signal = AbortSignal.any([signal]);
    setMaxListeners(0, this.#signal);
  }

  async ask(url: string, question: () => Promise<Answer>): Promise<Answer> {
    if (!URL.canParse(url)) return gone("not a URL");
    const { host } = new URL(url);
    const known = this.#hosts.get(host) ?? { slots: new Slots(OF_ONE_HOST) };
    this.#hosts.set(host, known);
    // The host's slot first: those who wait for a slow host must not keep the others from asking.
    using _host = await known.slots.take(this.#signal);
    if (known.dead) return known.dead;
    using _all = await this.#all.take(this.#signal);
    const answer = await question();
    if (answer.kind === "gone" && DEAD.test(answer.reason)) known.dead = answer;
    return answer;
  }
}
