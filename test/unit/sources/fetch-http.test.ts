import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { StepFailed } from "../../../src/diagnostic/failure.js";
import { fetchHttp } from "../../../src/ops/fetch-http.js";
import type { OpRun } from "../../../src/ops/op.js";
import { openStore } from "../../../src/store/open.js";
import type { Json } from "../../../src/util/canonical.js";
import { type HttpRig, httpServer, type Resource } from "../../rig/http-server.js";
import { tempFolder } from "../../rig/temp-folder.js";

const BODY = randomBytes(300_000);
const SHA = createHash("sha256").update(BODY).digest("hex");
const PACE = { tries: 3, wait: 1, idle: 5_000 };

async function rig(resources: Readonly<Record<string, Resource>>): Promise<HttpRig> {
  const server = await httpServer(resources);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

interface Fetch {
  readonly out: string;
  readonly partial: string;
  readonly log: string[];
  go(): Promise<void>;
}

/** One fetch in a store of its own, or in that of an earlier fetch. */
async function fetching(
  urls: readonly string[],
  options: { folder?: string; sha256?: string; transient?: Json; signal?: AbortSignal } = {},
): Promise<Fetch> {
  const { folder = await tempFolder(), sha256 = SHA, signal = new AbortController().signal } = options;
  const store = await openStore(join(folder, "store"));
  const log: string[] = [];
  const out = join(folder, "store", "tmp-out");
  mkdirSync(out, { recursive: true });
  const run = {
    stepId: "source:thing",
    args: { name: "thing", urls, sha256 },
    transient: { pace: PACE, ...(options.transient as object) },
    tools: [],
    scripts: {},
    inputs: {},
    out: (name: string) => join(out, name),
    scratch: folder,
    store,
    log: (line: string) => log.push(line),
    signal,
  } as unknown as OpRun;
  return {
    out: join(out, "source"),
    partial: join(store.root, "cache", "http", sha256),
    log,
    go: () => fetchHttp(run),
  };
}

async function failure(promise: Promise<void>): Promise<StepFailed> {
  const error = await promise.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(StepFailed);
  return error as StepFailed;
}

test("fetches a file and leaves no part of it in the cache", async () => {
  const server = await rig({ "/thing.tar": { body: BODY } });
  const fetch = await fetching([`${server.url}/thing.tar`]);
  await fetch.go();
  expect(readFileSync(fetch.out).equals(BODY)).toBe(true);
  expect(existsSync(fetch.partial)).toBe(false);
  expect(existsSync(`${fetch.partial}.json`)).toBe(false);
  expect(server.requests).toEqual(["GET /thing.tar"]);
});

test("goes on where a broken connection ended", async () => {
  const server = await rig({ "/thing.tar": { body: BODY, etag: '"a"', first: [{ dropAfter: 100_000 }] } });
  const fetch = await fetching([`${server.url}/thing.tar`]);
  await fetch.go();
  expect(readFileSync(fetch.out).equals(BODY)).toBe(true);
  expect(server.requests).toEqual(["GET /thing.tar", "GET /thing.tar bytes=100000-"]);
  expect(fetch.log).toEqual([
    `${server.url}/thing.tar`,
    "the connection broke; trying again",
    "going on behind 97.7 KiB",
  ]);
});

test("breaks as often as there is progress do not use up the tries", async () => {
  const first = Array.from({ length: 8 }, () => ({ dropAfter: 30_000 }));
  const server = await rig({ "/thing.tar": { body: BODY, etag: '"a"', first } });
  const fetch = await fetching([`${server.url}/thing.tar`]);
  await fetch.go();
  expect(readFileSync(fetch.out).equals(BODY)).toBe(true);
  expect(server.requests).toHaveLength(9);
});

test("a server that ignores Range starts again cleanly", async () => {
  const server = await rig({ "/thing.tar": { body: BODY, ignoresRange: true, first: [{ dropAfter: 100_000 }] } });
  const fetch = await fetching([`${server.url}/thing.tar`]);
  await fetch.go();
  expect(readFileSync(fetch.out).equals(BODY)).toBe(true);
  expect(fetch.log.at(-1)).toBe("the server starts again from the beginning");
});

test("a file that changed on the server is fetched from the beginning", async () => {
  const server = await rig({
    "/thing.tar": {
      body: Buffer.alloc(300_000),
      etag: '"old"',
      first: [{ dropAfter: 100_000 }, { status: 503 }, { status: 503 }],
    },
  });
  const fetch = await fetching([`${server.url}/thing.tar`]);
  await failure(fetch.go());
  expect(statSync(fetch.partial).size).toBe(100_000);
  server.resources.set("/thing.tar", { body: BODY, etag: '"new"' });
  await fetch.go();
  expect(readFileSync(fetch.out).equals(BODY)).toBe(true);
  expect(server.requests.at(-1)).toBe("GET /thing.tar bytes=100000-");
});

test("another process goes on with the part that a killed one left, also from another URL", async () => {
  const folder = await tempFolder();
  const gone = await rig({ "/thing.tar": { body: BODY, first: [{ dropAfter: 120_000 }, { status: 404 }] } });
  await failure((await fetching([`${gone.url}/thing.tar`], { folder })).go());
  const server = await rig({ "/other.tar": { body: BODY } });
  const fetch = await fetching([`${server.url}/other.tar`], { folder });
  await fetch.go();
  expect(readFileSync(fetch.out).equals(BODY)).toBe(true);
  expect(server.requests).toEqual(["GET /other.tar bytes=120000-"]);
});

test("pieces of two different files are thrown away and the file fetched in one", async () => {
  const server = await rig({ "/thing.tar": { body: BODY } });
  const fetch = await fetching([`${server.url}/thing.tar`]);
  mkdirSync(join(fetch.partial, ".."), { recursive: true });
  writeFileSync(fetch.partial, Buffer.alloc(1000, 7));
  await fetch.go();
  expect(readFileSync(fetch.out).equals(BODY)).toBe(true);
  expect(fetch.log).toContain("the pieces do not make the file that is asked for; starting again");
});

test("a part that is the whole file already needs no network", async () => {
  const fetch = await fetching(["http://127.0.0.1:9/thing.tar"]);
  mkdirSync(join(fetch.partial, ".."), { recursive: true });
  writeFileSync(fetch.partial, BODY);
  await fetch.go();
  expect(readFileSync(fetch.out).equals(BODY)).toBe(true);
});

test("an object of the store is not fetched again", async () => {
  const folder = await tempFolder();
  const store = await openStore(join(folder, "store"));
  writeFileSync(join(folder, "here"), BODY);
  await store.importFile(join(folder, "here"), SHA);
  const fetch = await fetching(["http://127.0.0.1:9/thing.tar"], { folder });
  await fetch.go();
  expect(readFileSync(fetch.out).equals(BODY)).toBe(true);
});

test("a busy server is asked again, as late as it wishes", async () => {
  const server = await rig({
    "/thing.tar": { body: BODY, first: [{ status: 503, headers: { "retry-after": "1" } }, { status: 429 }] },
  });
  const fetch = await fetching([`${server.url}/thing.tar`]);
  await fetch.go();
  expect(server.requests).toHaveLength(3);
  expect(fetch.log).toEqual([
    `${server.url}/thing.tar`,
    "HTTP 503 Service Unavailable; trying again in 1 s",
    "HTTP 429 Too Many Requests; trying again",
  ]);
});

test("a connection that falls silent is given up and gone on with", async () => {
  const server = await rig({ "/thing.tar": { body: BODY, first: [{ stallAfter: 50_000 }] } });
  const fetch = await fetching([`${server.url}/thing.tar`], { transient: { pace: { ...PACE, idle: 200 } } });
  await fetch.go();
  expect(readFileSync(fetch.out).equals(BODY)).toBe(true);
  expect(fetch.log[1]).toBe("nothing came for 0.2 s; trying again");
});

test("a second URL takes over when the first one's host is gone", async () => {
  const server = await rig({ "/thing.tar": { body: BODY } });
  const fetch = await fetching(["http://127.0.0.1:9/thing.tar", `${server.url}/thing.tar`]);
  await fetch.go();
  expect(readFileSync(fetch.out).equals(BODY)).toBe(true);
  expect(fetch.log).toContain("http://127.0.0.1:9/thing.tar: connection refused (3 tries)");
});

test("the mirror map decides where a URL is fetched from", async () => {
  const server = await rig({ "/mirror/thing.tar": { body: BODY } });
  const mirrors = [{ from: "https://gone.example/pub/", to: `${server.url}/mirror/` }];
  const fetch = await fetching(["https://gone.example/pub/thing.tar"], { transient: { mirrors } });
  await fetch.go();
  expect(readFileSync(fetch.out).equals(BODY)).toBe(true);
});

test("wrong bytes are refused with both digests, size and URL, and thrown away", async () => {
  const wrong = Buffer.from("not it");
  const server = await rig({ "/thing.tar": { body: wrong } });
  const fetch = await fetching([`${server.url}/thing.tar`]);
  const error = await failure(fetch.go());
  const got = createHash("sha256").update(wrong).digest("hex");
  expect(error.diagnostics).toEqual([
    {
      severity: "error",
      code: "hash-mismatch",
      message: `source "thing": ${server.url}/thing.tar gave 6 bytes with sha256 ${got}, but the recipe asks for ${SHA}`,
      help: "if the project replaced the file, check it and put the new sha256 into the recipe; if not, do not trust that host",
    },
  ]);
  expect(existsSync(fetch.partial)).toBe(false);
  expect(existsSync(fetch.out)).toBe(false);
});

test("a vanished host is refused with every URL's reason and the way out", async () => {
  const server = await rig({});
  const fetch = await fetching([
    "http://127.0.0.1:9/thing.tar",
    `${server.url}/thing.tar`,
    "http://no-such-host.invalid/thing.tar",
  ]);
  const error = await failure(fetch.go());
  expect(error.diagnostics).toEqual([
    {
      severity: "error",
      code: "unreachable",
      message:
        `source "thing" cannot be fetched: http://127.0.0.1:9/thing.tar: connection refused (3 tries); ` +
        `${server.url}/thing.tar: HTTP 404 Not Found; ` +
        `http://no-such-host.invalid/thing.tar: ${error.diagnostics[0]?.message.includes("no host of that name") ? "no host of that name" : "the name could not be looked up (3 tries)"}`,
      help: "if the file moved or its host is gone, name another place for it: --mirror http://127.0.0.1:9/=https://mirror.example/",
    },
  ]);
  expect(error.message).toBe(error.diagnostics[0]?.message);
});

test("an abort stops at once and keeps the part", async () => {
  const server = await rig({ "/thing.tar": { body: BODY, first: [{ stallAfter: 80_000 }] } });
  const abort = new AbortController();
  const fetch = await fetching([`${server.url}/thing.tar`], { signal: abort.signal });
  const going = fetch.go();
  const reason = new Error("Ctrl-C");
  await expect.poll(() => existsSync(fetch.partial) && statSync(fetch.partial).size).toBe(80_000);
  abort.abort(reason);
  await expect(going).rejects.toBe(reason);
  expect(statSync(fetch.partial).size).toBe(80_000);
  expect(existsSync(fetch.out)).toBe(false);
});
