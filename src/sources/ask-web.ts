import fetch, { type Response } from "node-fetch";
import { networkReason, statusReason } from "../ops/http-reason.js";
import { formatSize } from "../util/size.js";
import { type Answer, gone } from "./answer.js";

/** How long a place may take, and what ends the asking. */
export interface Patience {
  /** Milliseconds for a whole answer. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** More of a repository's index, or of a git server's list of names, is not read. */
const MOST = 16 * 1024 ** 2;

/** Servers that do not take HEAD say so in one of these ways. */
const NO_HEAD = [403, 405, 501];

/** Is the file there? Its bytes are not fetched, so what they are is not known; their number is, where the server says it. */
export function askFile(url: string, size: number | undefined, patience: Patience): Promise<Answer> {
  return ask(patience, async (signal) => {
    let response = await get(url, signal, { method: "HEAD" });
    // A server that stops sending after the first byte is as good as one that answers HEAD.
    if (NO_HEAD.includes(response.status)) response = await get(url, signal, { headers: { range: "bytes=0-0" } });
    response.body?.on("error", () => {});
    const whole = response.status === 206 ? response.headers.get("content-range")?.split("/")[1] : lengthOf(response);
    const type = response.headers.get("content-type") ?? "";
    dropBody(response);
    if (!response.ok) return gone(statusReason(response.status, null).reason);
    if (/^text\/html\b/.test(type) && !/\.x?html?$/.test(new URL(url).pathname)) return gone(WEB_PAGE);
    if (size !== undefined && whole !== undefined && Number(whole) !== size) {
      return gone(`another file: ${formatSize(Number(whole))}, and ${formatSize(size)} were locked`);
    }
    return { kind: "there" };
  });
}

/** Is an rpm-md repository at that URL? Its signature is checked when it is locked. */
export function askRepository(url: string, patience: Patience): Promise<Answer> {
  return ask(patience, async (signal) => {
    const response = await get(`${url}/repodata/repomd.xml`, signal);
    if (!response.ok) {
      dropBody(response);
      return gone(statusReason(response.status, null).reason);
    }
    for await (const text of textSoFar(response)) if (/<repomd[\s>]/.test(text)) return { kind: "there" };
    return gone("what it sends as repodata/repomd.xml is none");
  });
}

/**
 * Does a git server have the repository, and the branch or tag that is wanted? Asked as `git ls-remote` asks over HTTP: git's
 * Documentation/gitprotocol-http.adoc, "Discovering References"; servers of both kinds, smart and dumb, are known.
 */
export function askGit(url: string, ref: string | undefined, patience: Patience): Promise<Answer> {
  return ask(patience, async (signal) => {
    const response = await get(`${url.replace(/\/+$/, "")}/info/refs?service=git-upload-pack`, signal);
    if (!response.ok) {
      dropBody(response);
      return gone(statusReason(response.status, null).reason);
    }
    let text = "";
    for await (text of textSoFar(response)) {
      if (!IS_GIT.test(text)) continue;
      if (ref === undefined) return { kind: "there" };
      const found = commitOf(text, ref);
      if (found === undefined) continue;
      // A tag may be an object of its own, which stands before the commit that it names.
      if (!ref.startsWith("refs/heads/")) return { kind: "there" };
      return { kind: "there", note: `${shownRef(ref)} is at ${found.slice(0, 12)} now` };
    }
    if (!IS_GIT.test(text)) return gone("what answers is no git repository");
    return ref === undefined ? { kind: "there" } : gone(`the repository has no ${shownRef(ref)}`);
  });
}

const WEB_PAGE = "it sends a web page instead of the file";
/** The first line of a smart server, or a dumb one's list. */
const IS_GIT = /^(?:[0-9a-f]{4}# service=git-upload-pack\n|[0-9a-f]{40}\t)/;

/** A line is `COMMIT NAME`, with a blank from a smart server and a tab from a dumb one; only a whole one counts. */
function commitOf(text: string, ref: string): string | undefined {
  const end = text.search(new RegExp(`[0-9a-f]{40}[ \\t]${ref.replace(/[.*+?^$()[\]{}|\\]/g, "\\$&")}[\\n\\0]`));
  return end < 0 ? undefined : text.slice(end, end + 40);
}

function shownRef(ref: string): string {
  return ref.replace(/^refs\/heads\//, "branch ").replace(/^refs\/tags\//, "tag ");
}

async function ask({ timeout, signal }: Patience, question: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
  const clock = AbortSignal.timeout(timeout);
  try {
    return await question(AbortSignal.any([signal, clock]));
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (clock.aborted) return gone(`no answer within ${timeout / 1000} s`);
    return gone(networkReason(error).reason);
  }
}

function get(url: string, signal: AbortSignal, how: { method?: string; headers?: Record<string, string> } = {}) {
  const headers = { "accept-encoding": "identity", "user-agent": "boardsmith", ...how.headers };
  return fetch(url, { method: how.method ?? "GET", headers, compress: false, signal });
}

function lengthOf(response: Response): string | undefined {
  return response.headers.get("content-length") ?? undefined;
}

/** The connection is of no more use, whatever is still on the way. */
function dropBody(response: Response): void {
  const body = response.body as (NodeJS.ReadableStream & { destroy?: () => void }) | null;
  body?.on("error", () => {});
  body?.destroy?.();
}

/** All that has come, again after each piece; who stops listening ends the connection. */
async function* textSoFar(response: Response): AsyncGenerator<string> {
  let text = "";
  try {
    for await (const piece of response.body ?? []) {
      text += (piece as Buffer).toString("latin1");
      if (text.length > MOST) return;
      yield text;
    }
  } finally {
    dropBody(response);
  }
}
