import { rm, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { digestFile } from "../store/digest.js";
import { attempt } from "./http-attempt.js";

/** How patient a download is. */
export interface Pace {
  /** Tries per URL. */
  readonly tries: number;
  /** Milliseconds before the second try; doubles with each. */
  readonly wait: number;
  /** Milliseconds without a byte after which a connection counts as dead. */
  readonly idle: number;
}

export const PACE: Pace = { tries: 6, wait: 1000, idle: 60_000 };

/** Longest wait between tries that is our own choice, milliseconds. */
const LONGEST = 30_000;

/** Why a URL did not give the file. `got`: it gave another one. */
export interface Failure {
  readonly url: string;
  readonly reason: string;
  readonly got?: { readonly sha256: string; readonly size: number };
}

/**
 * Fetches the file with that digest into `partial`, from the first URL that gives it; what another process left in there is
 * gone on with. Gives undefined when `partial` is the whole file, or each URL's failure. Rejects only when aborted.
 */
export async function download(
  urls: readonly string[],
  sha256: string,
  partial: string,
  options: { readonly signal: AbortSignal; readonly pace: Pace; log(line: string): void },
): Promise<readonly Failure[] | undefined> {
  if ((await sizeOf(partial)) > 0 && (await digestFile(partial)) === sha256) return undefined;
  const failures: Failure[] = [];
  for (const url of urls) {
    const failure = await fromOne(url, sha256, partial, options);
    if (failure === undefined) {
      await rm(`${partial}.json`, { force: true });
      return undefined;
    }
    options.log(`${url}: ${failure.reason}`);
    failures.push(failure);
  }
  return failures;
}

/** One URL, its digest checked. */
async function fromOne(
  url: string,
  sha256: string,
  partial: string,
  options: Parameters<typeof download>[3],
): Promise<Failure | undefined> {
  options.log(url);
  for (let first = true; ; first = false) {
    const before = await sizeOf(partial);
    const reason = await fetchWhole(url, partial, options);
    if (reason !== undefined) return { url, reason };
    const got = { sha256: await digestFile(partial), size: await sizeOf(partial) };
    if (got.sha256 === sha256) return undefined;
    for (const path of [partial, `${partial}.json`]) await rm(path, { force: true });
    // Parts of two different files make a third: only a download in one piece is blamed on the server.
    if (before === 0 || !first) return { url, reason: `${got.size} bytes with sha256 ${got.sha256}`, got };
    options.log("the pieces do not make the file that is asked for; starting again");
  }
}

/** Tries a URL until `partial` is the whole file; gives undefined then, or why it was given up. No digest is checked. */
export async function fetchWhole(
  url: string,
  partial: string,
  { signal, pace, log }: Parameters<typeof download>[3],
): Promise<string | undefined> {
  for (let tried = 1; ; tried++) {
    signal.throwIfAborted();
    const before = await sizeOf(partial);
    const result = await attempt(url, partial, { signal, idle: pace.idle, log });
    if (result.kind === "whole") return undefined;
    if (result.kind === "hopeless") return result.reason;
    // A server that hands over a bit more each time is worth any number of tries.
    if ((await sizeOf(partial)) > before) tried = 1;
    if (tried >= pace.tries) return `${result.reason} (${pace.tries} tries)`;
    const wait = result.after ?? Math.min(LONGEST, pace.wait * 2 ** (tried - 1)) * (0.5 + Math.random() / 2);
    log(`${result.reason}; trying again${wait >= 1000 ? ` in ${Math.round(wait / 1000)} s` : ""}`);
    await sleep(wait, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}
