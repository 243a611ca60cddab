import { closeSync, ftruncateSync, openSync, writeFileSync, writeSync } from "node:fs";
import { readFile, rm, stat } from "node:fs/promises";
import fetch, { type Response } from "node-fetch";
import { formatSize } from "../util/size.js";
import { networkReason, statusReason } from "./http-reason.js";

/** How one try of one URL went. `after`: milliseconds the server asked us to wait. */
export type Attempt =
  | { readonly kind: "whole" }
  | { readonly kind: "retry"; readonly reason: string; readonly after?: number }
  | { readonly kind: "hopeless"; readonly reason: string };

export interface AttemptOptions {
  readonly signal: AbortSignal;
  /** Milliseconds without a byte after which a connection counts as dead. */
  readonly idle: number;
  log(line: string): void;
}

/** Where a partial file came from; beside it as PARTIAL.json. */
interface Origin {
  readonly url: string;
  /** A strong ETag or a Last-Modified date, fit for If-Range (RFC 9110, 13.1.5). */
  readonly validator?: string;
}

/**
 * Fetches a URL into `partial`, going on where that file ends when the server can (RFC 9110, 14). A part that came from
 * another URL is gone on with too: the digest of the whole decides in the end. Rejects only when aborted.
 */
export async function attempt(url: string, partial: string, options: AttemptOptions): Promise<Attempt> {
  const silence = new Silence(options.idle);
  try {
    const have = (await stat(partial).catch(() => undefined))?.size ?? 0;
    const origin = have > 0 ? await readOrigin(partial) : undefined;
    const validator = origin?.url === url ? origin.validator : undefined;
    const response = await fetch(url, {
      // Compression on the way would change the bytes that the digest is of, and make ranges meaningless.
      compress: false,
      headers: {
        "accept-encoding": "identity",
        "user-agent": "boardsmith",
        ...(have > 0 && { range: `bytes=${have}-` }),
        ...(have > 0 && validator !== undefined && { "if-range": validator }),
      },
      signal: AbortSignal.any([options.signal, silence.signal]),
    });
    silence.heard();
    if (response.status === 416 && have > 0) return await beyondTheEnd(response, partial, have);
    if (response.status !== 200 && response.status !== 206)
      return statusReason(response.status, response.headers.get("retry-after"));
    const start = response.status === 206 ? rangeStart(response) : 0;
    if (start !== 0 && start !== have)
      return { kind: "retry", reason: "the server sent another part of the file than was asked for" };
    if (have > 0)
      options.log(start > 0 ? `going on behind ${formatSize(start)}` : "the server starts again from the beginning");
    writeFileSync(`${partial}.json`, JSON.stringify({ url, ...validatorOf(response) } satisfies Origin));
    return await receive(response, partial, start, options, silence);
  } catch (error) {
    if (options.signal.aborted) throw options.signal.reason;
    if (silence.signal.aborted) return { kind: "retry", reason: `nothing came for ${options.idle / 1000} s` };
    return networkReason(error);
  } finally {
    silence.stop();
  }
}

/** Aborts when nothing was heard for a while. */
class Silence {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  constructor(idle: number) {
    this.#timer = setTimeout(() => this.#controller.abort(), idle);
  }
  get signal(): AbortSignal {
    return this.#controller.signal;
  }
  heard(): void {
    this.#timer.refresh();
  }
  stop(): void {
    clearTimeout(this.#timer);
  }
}

async function receive(
  response: Response,
  partial: string,
  start: number,
  options: AttemptOptions,
  silence: Silence,
): Promise<Attempt> {
  const length = response.headers.get("content-length");
  const total = length === null ? undefined : start + Number(length);
  const file = openSync(partial, start > 0 ? "r+" : "w");
  let at = start;
  try {
    ftruncateSync(file, start);
    const told = progress(start, total, options.log);
    for await (const chunk of response.body ?? []) {
      silence.heard();
      const bytes = chunk as Buffer;
      // Written without waiting: a breaking connection throws away what the stream holds meanwhile.
      for (let done = 0; done < bytes.length; ) {
        const written = writeSync(file, bytes, done, bytes.length - done, at);
        done += written;
        at += written;
      }
      told(at);
    }
  } finally {
    closeSync(file);
  }
  if (total !== undefined && at < total) {
    return { kind: "retry", reason: `the connection closed after ${formatSize(at)} of ${formatSize(total)}` };
  }
  return { kind: "whole" };
}

/** A line every two seconds at most. */
function progress(start: number, total: number | undefined, log: (line: string) => void): (at: number) => void {
  const began = Date.now();
  let last = began;
  return (at) => {
    const now = Date.now();
    if (now - last < 2000) return;
    last = now;
    const rate = `${formatSize(Math.round(((at - start) * 1000) / (now - began)))}/s`;
    log(
      total
        ? `${formatSize(at)} of ${formatSize(total)} (${Math.floor((at * 100) / total)} %), ${rate}`
        : `${formatSize(at)}, ${rate}`,
    );
  };
}

/** 416: the partial file is as long as the whole (then it may be it), or longer (then it is not). */
async function beyondTheEnd(response: Response, partial: string, have: number): Promise<Attempt> {
  const size = /^bytes \*\/(\d+)$/.exec(response.headers.get("content-range") ?? "")?.[1];
  if (size !== undefined && Number(size) === have) return { kind: "whole" };
  await rm(partial, { force: true });
  return { kind: "retry", reason: "the file on the server is shorter than the part fetched before" };
}

function rangeStart(response: Response): number | undefined {
  const start = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1];
  return start === undefined ? undefined : Number(start);
}

function validatorOf(response: Response): { validator?: string } {
  const etag = response.headers.get("etag");
  if (etag?.startsWith('"')) return { validator: etag };
  const date = response.headers.get("last-modified");
  return date === null ? {} : { validator: date };
}

async function readOrigin(partial: string): Promise<Origin | undefined> {
  try {
    return JSON.parse(await readFile(`${partial}.json`, "utf8")) as Origin;
  } catch {
    return undefined;
  }
}
