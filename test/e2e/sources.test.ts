import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Refused, StepFailed } from "../../src/diagnostic/failure.js";
import type { Engine } from "../../src/engine/engine.js";
import { lock } from "../../src/lock/lock.js";
import { fetchHttp } from "../../src/ops/fetch-http.js";
import { sourcePath } from "../../src/ops/source-path.js";
import { plan } from "../../src/plan/plan.js";
import type { LockFile } from "../../src/recipe/lock.js";
import { lockedPins } from "../../src/recipe/lock-file.js";
import type { LocalFile, RootfsSpec, SourceSpec, Spec } from "../../src/recipe/spec.js";
import type { RunEvent } from "../../src/run/events.js";
import { runPlan } from "../../src/run/run.js";
import { gone } from "../../src/sources/answer.js";
import { checkSources } from "../../src/sources/check.js";
import { wantedOf } from "../../src/sources/wanted.js";
import { packagesSteps } from "../../src/steps/packages.js";
import { sourceSteps } from "../../src/steps/source.js";
import { FETCH } from "../../src/steps/tools.js";
import { type OpenStore, openStore } from "../../src/store/open.js";
import type { Mirror } from "../../src/util/mirror.js";
import { ASSETS, cardSpec } from "../rig/card.js";
import { type GitRig, gitDaemon, gitServer } from "../rig/git-server.js";
import { type HttpRig, httpServer } from "../rig/http-server.js";
import { engineWith } from "../rig/op-run.js";

const FIXTURES = new URL("../rig/signed/", import.meta.url).pathname;
const FIRST = "14bc5736a4e7a87767dee1b6b85c17e6e255c011";
const SECOND = "1a2806d154184dc407017c0dd285d01169dd1bd9";
const folder = mkdtempSync(join(tmpdir(), "boardsmith-sources-"));
const signal = new AbortController().signal;
let engine: Engine;
let store: OpenStore;
let git: GitRig;
let old: GitRig;
let web: HttpRig;
let mirrors: readonly Mirror[];

beforeAll(async () => {
  engine = await engineWith(FETCH);
  store = await openStore(join(folder, "store"));
  const bundles = Object.fromEntries(["main", "lib", "deep"].map((name) => [name, join(FIXTURES, `${name}.bundle`)]));
  for (const name of ["git", "old"]) mkdirSync(join(folder, name));
  git = await gitServer(join(folder, "git"), bundles);
  old = await gitServer(join(folder, "old"), bundles, { old: true });
  const files = ["thing-1.0.tar.xz", "thing-1.0.tar.sign", "thing-1.0.tar.xz.sign", "thing-1.0.tar.stranger.sign"];
  web = await httpServer(
    Object.fromEntries(files.map((name) => [`/${name}`, { body: readFileSync(join(FIXTURES, name)) }])),
  );
  mirrors = [
    { from: "https://git.example/", to: `${git.url}/` },
    { from: "https://old.example/", to: `${old.url}/` },
    { from: "https://www.example/", to: `${web.url}/` },
  ];
});

afterAll(async () => {
  for (const rig of [git, old, web]) await rig?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function digest(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

function key(name: string): LocalFile {
  const path = join(FIXTURES, `${name}.asc`);
  return { path, shown: `keys/${name}.asc`, kind: "file", sha256: digest(path) };
}

/** A spec whose kernel is made from that source. */
function specOf(source: SourceSpec, rootfs: RootfsSpec = { kind: "tar", source: "none" }): Spec {
  return { ...cardSpec(), sources: { linux: source }, rootfs };
}

/** Locks and fetches; gives the path of the source step's output and what was said. */
async function fetchSource(
  source: SourceSpec,
  pinned?: LockFile,
): Promise<{ readonly path: string; readonly lines: readonly string[] }> {
  const spec = specOf(source);
  const made = pinned ?? (await lock(spec, { ...place(), previous: undefined, update: false })).lock;
  const lines: string[] = [];
  const steps = sourceSteps(spec, lockedPins(spec, made).pins, ASSETS, mirrors);
  const { results } = await runPlan(plan("card", steps, []), {
    store,
    engine: async () => engine,
    ops: new Map([
      ["fetch-http", fetchHttp],
      ["source-path", sourcePath],
    ]),
    emit: (event: RunEvent) => event.type === "step-output" && lines.push(event.line),
    signal,
    stateDir: join(folder, "state"),
  });
  const output = results.get("source:linux")?.outputs.source;
  if (!output) throw new Error("no source");
  return { path: store.path(output), lines };
}

function place(say: (line: string) => void = () => {}) {
  return { engine: async () => engine, store, signal, say, assets: ASSETS, mirrors };
}

/** Asks about one source as `check-sources` does; gives what each of its places said. */
async function asked(source: SourceSpec): Promise<readonly unknown[]> {
  const spec = specOf(source);
  const wanted = wantedOf(spec, lockedPins(spec, undefined).pins);
  const all = wanted.map((one) => ({ wanted: one, stored: false }));
  const verdicts = await checkSources(all, { ...place(), timeout: 5000 });
  return verdicts.flatMap(({ files }) => files.flat()).map(({ answer }) => answer);
}

/** Names (with modes) and the text of one member of a tar. */
function listed(tar: string): readonly string[] {
  return execFileSync("tar", ["-tvf", tar], { encoding: "utf8" })
    .split("\n")
    .filter(Boolean)
    .map((line) => line.replace(/^(\S+) +\S+ +(\d+) \S+ \S+ /, "$1 $2 "));
}

function member(tar: string, name: string): string {
  return execFileSync("tar", ["-xOf", tar, name], { encoding: "utf8" });
}

async function failed(promise: Promise<unknown>): Promise<StepFailed | Refused> {
  const error = await promise.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error instanceof StepFailed || error instanceof Refused, String(error)).toBe(true);
  return error as StepFailed | Refused;
}

/** What a failed step says: its diagnostic as it was found, or as its script printed it. */
function said(error: StepFailed | Refused): unknown {
  if (error.diagnostics.length > 0) return error.diagnostics[0];
  const line = (error as StepFailed).lastLines.find((text) => text.startsWith("@@diagnostic "));
  return line === undefined ? error.message : JSON.parse(line.slice("@@diagnostic ".length));
}

const MAIN = { kind: "git", url: "https://git.example/main.git", submodules: false, keys: [] } as const;

describe("git", () => {
  it("pins a branch and a tag to their commits, an annotated tag to the commit it stands for", async () => {
    const spec: Spec = {
      ...specOf({ ...MAIN, ref: { branch: "next" } }),
      sources: { linux: { ...MAIN, ref: { branch: "next" } }, "u-boot": { ...MAIN, ref: { tag: "v1" } } },
    };
    const { lock: made, changes } = await lock(spec, { ...place(), previous: undefined, update: false });
    expect(made).toEqual({
      sources: {
        linux: { kind: "git", url: MAIN.url, ref: "branch next", commit: SECOND },
        "u-boot": { kind: "git", url: MAIN.url, ref: "tag v1", commit: FIRST },
      },
    });
    expect(changes).toEqual([
      `linux: branch next at ${SECOND.slice(0, 12)}`,
      `u-boot: tag v1 at ${FIRST.slice(0, 12)}`,
    ]);
  });

  it("refuses an unknown branch with the near one, and a server that is gone, together with the rest", async () => {
    const spec: Spec = {
      ...specOf({ ...MAIN, ref: { branch: "nxt" } }),
      sources: {
        linux: { ...MAIN, ref: { branch: "nxt" } },
        "u-boot": { ...MAIN, url: "http://127.0.0.1:9/gone.git", ref: { tag: "v1" } },
      },
    };
    const gone = await failed(lock(spec, { ...place(), previous: undefined, update: false }));
    expect(gone.diagnostics).toEqual([
      {
        severity: "error",
        code: "unknown-ref",
        message: `source "linux": ${MAIN.url} has no branch "nxt"`,
        help: 'did you mean "next"?',
      },
      {
        severity: "error",
        code: "git-unreachable",
        message: expect.stringMatching(
          /^cannot ask http:\/\/127\.0\.0\.1:9\/gone\.git for source "u-boot": unable to access 'http:\/\/127\.0\.0\.1:9\/gone\.git\/': Failed to connect to 127\.0\.0\.1 port 9 after \d+ ms: Could not connect to server$/,
        ),
        help: "if the host is gone, name another place for it: --mirror http://127.0.0.1:9/gone.git=https://mirror.example/repository.git",
      },
    ]);
  });

  it("fetches the tree of one commit, whatever .gitattributes says about archives", async () => {
    const { path, lines } = await fetchSource({ ...MAIN, ref: { tag: "v1" } });
    expect(listed(path)).toEqual([
      "-rw-r--r-- 45 .gitattributes",
      "-rw-r--r-- 48 .gitmodules",
      "drwxr-xr-x 0 docs/",
      "-rw-r--r-- 5 docs/read.txt",
      "drwxr-xr-x 0 lib/",
      "lrwxrwxrwx 0 link -> run.sh",
      "-rwxr-xr-x 10 run.sh",
      "-rw-r--r-- 12 version.txt",
    ]);
    expect(member(path, "version.txt")).toBe("$Format:%H$\n");
    expect(lines).toContain(`tree of ${FIRST}: 7 files`);
  });

  it("merges submodules, relative and nested, into the same bytes from either kind of server", async () => {
    const { path, lines } = await fetchSource({ ...MAIN, ref: { branch: "next" }, submodules: true });
    const names = listed(path).map((line) => line.split(" ")[2]);
    expect(names).toContain("lib/lib.txt");
    expect(names).toContain("lib/hidden.txt");
    expect(names).toContain("lib/nested/deep/deep.txt");
    expect(lines).toContain(
      "submodule lib/nested/deep: https://git.example/deep.git b5f1d0d097ecaf086e543c216f2a1d1130969d1d",
    );
    const bytes = digest(path);
    await rm(path);
    const second = await fetchSource({
      ...MAIN,
      url: "https://old.example/main.git",
      ref: { commit: FIRST },
      submodules: true,
    });
    expect(second.lines.some((line) => line.includes("fetching all of"))).toBe(false);
    await rm(second.path);
    const again = await fetchSource({
      ...MAIN,
      url: "https://old.example/main.git",
      ref: { branch: "next" },
      submodules: true,
    });
    expect(digest(again.path)).toBe(bytes);
  });

  it("fetches everything where the server gives no commit by itself", async () => {
    const inOld = (...args: string[]) =>
      execFileSync("git", ["-C", join(folder, "old", "main.git"), ...args], { encoding: "utf8" });
    const names = ["heads/main", ...["light", "unsigned", "v1", "odd"].map((tag) => `tags/${tag}`)];
    const refs = names.map((name) => [`refs/${name}`, inOld("rev-parse", `refs/${name}`).trim()] as const);
    for (const [name] of refs) inOld("update-ref", "-d", name);
    const fresh = await openStore(join(folder, "fresh"));
    const before = store;
    store = fresh;
    try {
      const { path, lines } = await fetchSource({
        ...MAIN,
        url: "https://old.example/main.git",
        ref: { commit: FIRST },
      });
      expect(lines.some((line) => line.endsWith("; fetching all of https://old.example/main.git"))).toBe(true);
      expect(member(path, "run.sh")).toBe("#!/bin/sh\n");
    } finally {
      store = before;
      for (const [name, commit] of refs) inOld("update-ref", name, commit);
    }
  });

  it("says so when a pinned commit is gone", async () => {
    const commit = "0123456789abcdef0123456789abcdef01234567";
    const error = await failed(fetchSource({ ...MAIN, ref: { commit } }));
    expect(said(error)).toEqual({
      severity: "error",
      code: "git-commit-gone",
      message: `https://git.example/main.git has no commit ${commit}`,
      help: "lock a newer one with `boardsmith lock --update`, or name a mirror that has it: --mirror FROM=TO",
    });
  });

  it("takes a tag that one of the recipe's keys signed", async () => {
    const { lines } = await fetchSource({ ...MAIN, ref: { tag: "v1" }, keys: [key("maker")] });
    expect(lines.some((line) => /^tag v1: good signature by [0-9A-F]{40}$/.test(line))).toBe(true);
  });

  it.each([
    ["unsigned", /^carries no signature$/],
    ["light", /^is a lightweight tag, which carries no signature$/],
    ["odd", /^is signed by key [0-9A-F]{16}, which is none of the recipe's keys \([0-9A-F]{40}\)$/],
  ])("refuses tag %s, which none of the recipe's keys signed", async (tag, what) => {
    const error = await failed(fetchSource({ ...MAIN, ref: { tag }, keys: [key("maker")] }));
    const start = `tag "${tag}" of https://git.example/main.git `;
    const { message, ...rest } = said(error) as { message: string };
    expect(message.slice(0, start.length)).toBe(start);
    expect(message.slice(start.length)).toMatch(what);
    expect(rest).toEqual({
      severity: "error",
      code: "tag-not-trusted",
      help: "check with the project who signs its tags; `keys:` of the source lists whom you trust",
    });
  });

  it("refuses a signed tag that was moved behind the pin's back", async () => {
    const pinned: LockFile = { sources: { linux: { kind: "git", url: MAIN.url, ref: "tag v1", commit: SECOND } } };
    const error = await failed(fetchSource({ ...MAIN, ref: { tag: "v1" }, keys: [key("maker")] }, pinned));
    expect((said(error) as { message: string }).message).toBe(
      `tag "v1" of https://git.example/main.git names commit ${FIRST}, but ${SECOND} was locked: the tag was moved`,
    );
  });
});

describe("http", () => {
  const sha256 = digest(join(FIXTURES, "thing-1.0.tar.xz"));
  const thing = { kind: "http", urls: ["https://www.example/thing-1.0.tar.xz"], sha256, keys: [] } as const;

  it.each(["thing-1.0.tar.xz.sign", "thing-1.0.tar.sign"])("takes a file with the good signature %s", async (name) => {
    const { path, lines } = await fetchSource({
      ...thing,
      signature: `https://www.example/${name}`,
      keys: [key("stranger"), key("maker")],
    });
    expect(digest(path)).toBe(sha256);
    expect(lines.some((line) => /^good signature by [0-9A-F]{40}$/.test(line))).toBe(true);
  });

  it("refuses a signature by another key, and leaves nothing that looks done", async () => {
    const signature = "https://www.example/thing-1.0.tar.stranger.sign";
    const error = await failed(fetchSource({ ...thing, signature, keys: [key("maker")] }));
    const { message, ...rest } = said(error) as { message: string };
    expect(message).toMatch(
      /^source "linux": the file that http:\/\/127\.0\.0\.1:\d+\/thing-1\.0\.tar\.stranger\.sign signs is signed by key [0-9A-F]{16}, which is none of the recipe's keys \([0-9A-F]{40}\)$/,
    );
    expect(rest).toEqual({
      severity: "error",
      code: "signature-not-trusted",
      help: "check with the project who signs its files; `keys:` of the source lists whom you trust",
    });
  });
});

describe("path", () => {
  it("takes a file as it is", async () => {
    const path = join(folder, "rootfs.tar");
    writeFileSync(path, "any file");
    const taken = await fetchSource({
      kind: "path",
      local: { path, shown: "rootfs.tar", kind: "file", sha256: digest(path) },
    });
    expect(readFileSync(taken.path, "utf8")).toBe("any file");
  });
});

const busybox = { kind: "distro", package: "busybox" } as const;

describe("the distribution's archive", () => {
  it("pins a source package to what the archive really has, and fetches it", async () => {
    const spec = specOf(busybox);
    const { lock: made } = await lock(spec, { ...place(), previous: undefined, update: false });
    const pin = made.sources.linux;
    if (pin?.kind !== "distro") throw new Error("no pin");
    expect(pin.files.map(({ path }) => path.replace(/^.*\//, ""))).toEqual([
      expect.stringMatching(/^busybox_1\..*\.debian\.tar\.xz$/),
      expect.stringMatching(/^busybox_1\..*\.orig\.tar\.bz2$/),
    ]);
    const { path } = await fetchSource(busybox, made);
    for (const file of pin.files) {
      const bytes = execFileSync("tar", ["-xOf", path, `${file.path.replace(/^.*\//, "")}`], { maxBuffer: 2 ** 28 });
      expect(createHash("sha256").update(bytes).digest("hex")).toBe(file.sha256);
      expect(bytes.length).toBe(file.size);
    }
  });

  it("refuses unknown packages and versions, all at once", async () => {
    const spec: Spec = {
      ...specOf(busybox),
      sources: {
        linux: { kind: "distro", package: "nonesuch" },
        "u-boot": { kind: "distro", package: "busybox", version: "0.1-1" },
      },
      rootfs: {
        kind: "distro",
        distro: "debian",
        suite: "trixie",
        arch: "armhf",
        packages: ["systemd-syv", "lvm2"],
        recommends: false,
      },
    };
    const error = await failed(lock(spec, { ...place(), previous: undefined, update: false }));
    expect(error.diagnostics.map(({ message, help }) => ({ message, help }))).toEqual([
      {
        message: 'trixie has no source package "nonesuch"',
        help: "the name is the source package's, as in `apt-get source NAME`",
      },
      { message: "trixie has no busybox 0.1-1", help: expect.stringMatching(/^it has 1:1\./) },
      { message: 'debian trixie for armhf has no package "systemd-syv"', help: 'did you mean "systemd-sysv"?' },
    ]);
  });

  it("refuses packages that do not go together in apt's own words", async () => {
    const rootfs = {
      kind: "distro",
      distro: "debian",
      suite: "trixie",
      arch: "armhf",
      packages: ["systemd-sysv", "sysvinit-core"],
      recommends: false,
    } as const;
    const error = await failed(
      lock({ ...specOf(busybox, rootfs), sources: {} }, { ...place(), previous: undefined, update: false }),
    );
    expect(error.diagnostics[0]?.message).toBe(
      "the packages of the root filesystem do not go together in debian trixie for armhf",
    );
    expect(error.diagnostics[0]?.help).toMatch(/^apt says:\n[\s\S]*systemd-sysv:armhf Conflicts sysvinit-core/);
  });

  it("pins a package set for another architecture and fetches it into the same tar each time", async () => {
    const rootfs = {
      kind: "distro",
      distro: "debian",
      suite: "trixie",
      arch: "armhf",
      packages: ["busybox-static"],
      recommends: false,
    } as const;
    const spec = { ...specOf(busybox, rootfs), sources: {} };
    const { lock: made, changes } = await lock(spec, { ...place(), previous: undefined, update: false });
    const set = made.packages?.set ?? [];
    expect(changes).toEqual([`packages: ${set.length} of trixie`]);
    expect(set.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["base-files", "busybox-static", "dpkg", "libc6"]),
    );
    expect(set.every(({ arch }) => arch === "armhf" || arch === "all")).toBe(true);

    const digests: string[] = [];
    for (const name of ["one", "two"]) {
      const own = await openStore(join(folder, name));
      const steps = packagesSteps(spec, lockedPins(spec, made).pins, ASSETS, []);
      const { results } = await runPlan(plan("card", steps, []), {
        store: own,
        engine: async () => engine,
        ops: new Map(),
        emit: () => {},
        signal,
        stateDir: join(folder, "state"),
      });
      const output = results.get("packages")?.outputs.packages;
      if (!output) throw new Error("no packages");
      digests.push(output.digest);
      const debs = listed(own.path(output)).filter((line) => line.endsWith(".deb"));
      expect(debs).toHaveLength(set.length);
    }
    expect(digests[0]).toBe(digests[1]);
  });
});

describe("whether sources are there", () => {
  const there = (what: string, commit: string) => ({
    kind: "there",
    note: `${what} is at ${commit.slice(0, 12)} now`,
  });
  const at = (url: string, ref: { readonly branch: string } | { readonly tag: string }) =>
    asked({ kind: "git", url, ref, submodules: false, keys: [] });

  it("is asked of git servers of either kind, over HTTP", async () => {
    for (const host of ["git.example", "old.example"]) {
      const url = `https://${host}/main.git`;
      expect(await at(url, { branch: "main" })).toEqual([there("branch main", FIRST)]);
      expect(await at(url, { tag: "v1" })).toEqual([{ kind: "there" }]);
      expect(await at(url, { tag: "nothing" })).toEqual([gone("the repository has no tag nothing")]);
    }
    expect(await at("https://www.example/main.git", { branch: "main" })).toEqual([gone("HTTP 404 Not Found")]);
  });

  it("is asked in a container where HTTP does not do: git's own protocol, the distribution's archive", async () => {
    await using daemon = await gitDaemon(join(folder, "git"));
    expect(await at(`${daemon.url}/main.git`, { branch: "main" })).toEqual([{ kind: "there" }]);
    expect(await at(`${daemon.url}/main.git`, { branch: "mian" })).toEqual([gone("the repository has no mian")]);
    expect(await at("git://127.0.0.1:9/main.git", { branch: "main" })).toEqual([
      { kind: "gone", reason: expect.stringMatching(/unable to connect to 127\.0\.0\.1/) },
    ]);
    const spec = specOf(busybox);
    const { lock: made } = await lock(spec, { ...place(), previous: undefined, update: false });
    const [busyboxWanted] = wantedOf(spec, lockedPins(spec, made).pins);
    if (!busyboxWanted) throw new Error("busybox is not wanted");
    const files = [...busyboxWanted.files, [{ kind: "archive", path: "pool/main/b/busybox/none.tar.xz" } as const]];
    const [verdict] = await checkSources([{ wanted: { ...busyboxWanted, files }, stored: false }], {
      ...place(),
      timeout: 20_000,
    });
    expect(verdict?.state).toBe("gone");
    expect(verdict?.files.map(([one]) => one?.answer.kind)).toEqual([
      ...busyboxWanted.files.map(() => "there"),
      "gone",
    ]);
  });
});

async function rm(path: string): Promise<void> {
  // The next fetch must not find this one's object.
  expect(existsSync(path)).toBe(true);
  rmSync(path);
}
