import { setTimeout as sleep } from "node:timers/promises";
import fetch, { type Response } from "node-fetch";
import { networkReason, statusReason } from "../../ops/http-reason.js";
import { SourceFailed } from "./image-source.js";

/** Tries without a byte more before a server is given up. */
const TRIES = 6;
/** Milliseconds before the second try; doubles with each. */
const WAIT = 500;
/** Milliseconds without a byte after which a connection counts as dead. */
const IDLE = 30_000;

/** What a server says of a file before it is read. */
export interface RemoteFile {
  readonly url: string;
  readonly length?: number;
  /** A strong ETag or a date, fit for If-Range (RFC 9110, 13.1.5). */
  readonly validator?: string;
}

/** Asks for a file's head; throws SourceFailed with the reason when there is none. */
export async function remoteFile(url: string, signal: AbortSignal): Promise<RemoteFile> {
  const response = await request(url, { method: "HEAD" }, signal);
  const length = response.headers.get("content-length");
  const etag = response.headers.get("etag");
  const validator = etag?.startsWith('"') ? etag : response.headers.get("last-modified");
  return { url, ...(length === null ? {} : { length: Number(length) }), ...(validator === null ? {} : { validator }) };
}

/** The file's bytes. A connection that breaks is made again behind the last byte (RFC 9110, 14), if the file is still the same. */
export async function* httpStream(file: RemoteFile, signal: AbortSignal): AsyncGenerator<Buffer> {
  let at = 0;
  for (let tried = 1; ; tried++) {
    const before = at;
    const quiet = new AbortController();
    const timer = setTimeout(() => quiet.abort(), IDLE);
    try {
      const again = at > 0 && file.validator !== undefined ? { "if-range": file.validator } : {};
      const headers = at > 0 ? { range: `bytes=${at}-`, ...again } : {};
      const response = await request(file.url, { headers }, AbortSignal.any([signal, quiet.signal]));
      if (at > 0 && response.status !== 206) {
        throw new SourceFailed(
          `${file.url}: the connection broke after ${at} bytes, and the server cannot go on there`,
        );
      }
      for await (const chunk of response.body ?? []) {
        timer.refresh();
        at += (chunk as Buffer).length;
        yield chunk as Buffer;
      }
      if (file.length === undefined || at >= file.length) return;
      throw Object.assign(new Error("the connection closed early"), { code: "ECONNRESET" });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof SourceFailed) throw error;
      const { kind, reason } = quiet.signal.aborted
        ? { kind: "retry", reason: `nothing came for ${IDLE / 1000} s` }
        : networkReason(error);
      if (at > before) tried = 1;
      if (kind === "hopeless" || tried >= TRIES) throw new SourceFailed(`${file.url}: ${reason}`);
      await sleep(WAIT * 2 ** (tried - 1), undefined, { signal });
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A small file's text, or undefined when the server has none there. */
export async function remoteText(url: string, signal: AbortSignal): Promise<string | undefined> {
  const response = await fetch(url, { signal, headers: { "user-agent": "boardsmith" } });
  return response.ok ? await response.text() : undefined;
}

async function request(
  url: string,
  init: { method?: string; headers?: Record<string, string> },
  signal: AbortSignal,
): Promise<Response> {
  // Compression on the way would change what ranges mean.
  const headers = { "accept-encoding": "identity", "user-agent": "boardsmith", ...init.headers };
  const response = await fetch(url, { ...init, headers, compress: false, signal }).catch((error: unknown) => {
    if (signal.aborted || networkReason(error).kind === "retry") throw error;
    throw new SourceFailed(`${url}: ${networkReason(error).reason}`);
  });
  if (response.ok) return response;
  const { kind, reason } = statusReason(response.status, null);
  if (kind === "hopeless") throw new SourceFailed(`${url}: ${reason}`);
  throw Object.assign(new Error(reason), { name: "FetchError", code: "EAI_AGAIN" });
}
