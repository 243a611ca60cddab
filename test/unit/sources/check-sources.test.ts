import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import type { Cli } from "../../../src/cli/command.js";
import { dispatch } from "../../../src/cli/dispatch.js";
import { explainError } from "../../../src/cli/errors.js";
import { nodeFiles } from "../../../src/cli/node-files.js";
import { plan } from "../../../src/plan/plan.js";
import { loadRecipe } from "../../../src/recipe/load.js";
import { lockedPins } from "../../../src/recipe/lock-file.js";
import { formatLock } from "../../../src/recipe/lock-text.js";
import { sourceSteps } from "../../../src/steps/source.js";
import { openStore } from "../../../src/store/open.js";
import { HOME } from "../../rig/boardsmith.js";
import { ASSETS } from "../../rig/card.js";
import { httpServer, type Resource } from "../../rig/http-server.js";
import { inventedLock } from "../../rig/pins.js";
import { tempFolder } from "../../rig/temp-folder.js";

const NOWHERE = "http://127.0.0.1:9";
const HISTORY = "history/opensuse-12.2-mk802";
const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const OTHER = "89abcdef0123456789abcdef0123456789abcdef";

/** What `git http-backend` sends of a repository with one branch (gitprotocol-http). */
const smart = (branch: string): Resource => ({
  body: Buffer.from(
    `001e# service=git-upload-pack\n00000155${OTHER} HEAD\0multi_ack thin-pack\n003f${COMMIT} refs/heads/${branch}\n0000`,
  ),
});
const REFS = "info/refs?service=git-upload-pack";
const OSS = "/ports/armv7hl/distribution/12.2/repo/oss/suse/repodata/repomd.xml";
const REPOMD: Resource = {
  body: Buffer.from('<?xml version="1.0"?>\n<repomd xmlns="http://linux.duke.edu/metadata/repo">'),
};

async function web(resources: Readonly<Record<string, Resource>>) {
  const server = await httpServer(resources);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

/** Runs `boardsmith check-sources` where no engine is, in a folder with these recipes. */
async function checkSources(
  words: readonly string[],
  { cwd, recipes = {} }: { cwd?: string; recipes?: Readonly<Record<string, string>> } = {},
) {
  const folder = cwd ?? (await tempFolder());
  await mkdir(join(folder, "recipes"), { recursive: true });
  for (const [name, recipe] of Object.entries(recipes)) await writeFile(join(folder, "recipes", name), recipe);
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const { signal } = new AbortController();
  const env = { BOARDSMITH_STORE: join(folder, "store"), DOCKER_HOST: "unix:///nonexistent.sock", HOME: folder };
  const cli: Cli = { cwd: folder, env, stdout, stderr, stdin: process.stdin, signal, home: HOME };
  const code = await dispatch(cli, ["check-sources", ...words]).catch((error: unknown) => explainError(cli, error));
  stdout.end();
  stderr.end();
  return { code, out: await text(stdout), err: await text(stderr) };
}

test("the recipe of 2012 against stand-ins: all of it can be had", async () => {
  const server = await web({
    [`/linux-sunxi/linux-sunxi.git/${REFS}`]: smart("stage/sunxi-3.0"),
    // A server that only hands out files.
    [`/linux-sunxi/u-boot-sunxi.git/${REFS}`]: { body: Buffer.from(`${COMMIT}\trefs/heads/sunxi\n`) },
    [OSS]: REPOMD,
  });
  const mirrors = ["https://github.com", "http://download.opensuse.org"].flatMap((from) => [
    "--mirror",
    `${from}=${server.url}`,
  ]);
  const ran = await checkSources([HISTORY, ...mirrors]);
  expect(ran).toMatchObject({ code: 0, err: "" });
  expect(ran.out.replaceAll(server.url, "http://rig")).toMatchInlineSnapshot(`
    "opensuse-12.2-mk802, not locked yet
      available  linux           git  not locked  https://github.com/linux-sunxi/linux-sunxi.git by way of http://rig/linux-sunxi/linux-sunxi.git (branch stage/sunxi-3.0 is at 0123456789ab now)
      available  u-boot          git  not locked  https://github.com/linux-sunxi/u-boot-sunxi.git by way of http://rig/linux-sunxi/u-boot-sunxi.git (branch sunxi is at 0123456789ab now)
      available  repository oss  rpm  not locked  http://download.opensuse.org/ports/armv7hl/distribution/12.2/repo/oss/suse by way of http://rig/ports/armv7hl/distribution/12.2/repo/oss/suse
    all of it can be had
    "
  `);
  expect(server.requests.sort()).toMatchInlineSnapshot(`
    [
      "GET /linux-sunxi/linux-sunxi.git/info/refs?service=git-upload-pack",
      "GET /linux-sunxi/u-boot-sunxi.git/info/refs?service=git-upload-pack",
      "GET /ports/armv7hl/distribution/12.2/repo/oss/suse/repodata/repomd.xml",
    ]
  `);
});

test("a host that vanished, a host that was parked, a branch that is gone", async () => {
  const server = await web({
    [`/linux-sunxi/u-boot-sunxi.git/${REFS}`]: smart("master"),
    [OSS]: { body: Buffer.from("<html>This domain is for sale</html>") },
  });
  const ran = await checkSources([
    HISTORY,
    ...["--mirror", `https://github.com/linux-sunxi/linux-sunxi.git=${NOWHERE}/linux.git`],
    ...["--mirror", `https://github.com=${server.url}`],
    ...["--mirror", `http://download.opensuse.org=${server.url}`],
  ]);
  expect(ran).toMatchObject({ code: 1, err: "" });
  expect(ran.out.replaceAll(server.url, "http://rig")).toMatchInlineSnapshot(`
    "opensuse-12.2-mk802, not locked yet
      gone  linux           git  not locked  https://github.com/linux-sunxi/linux-sunxi.git by way of http://127.0.0.1:9/linux.git: connection refused
      gone  u-boot          git  not locked  https://github.com/linux-sunxi/u-boot-sunxi.git by way of http://rig/linux-sunxi/u-boot-sunxi.git: the repository has no branch sunxi
      gone  repository oss  rpm  not locked  http://download.opensuse.org/ports/armv7hl/distribution/12.2/repo/oss/suse by way of http://rig/ports/armv7hl/distribution/12.2/repo/oss/suse: what it sends as repodata/repomd.xml is none
    0 of 3 can be had
    "
  `);
});

const DIGEST = "0".repeat(64);
const kernelFrom = (source: string) =>
  `description: one
board: mk802
sources:
  linux: ${source}
  u-boot: { path: . }
kernel: { source: linux }
u-boot: { source: u-boot }
rootfs: { tar: u-boot }
`.replace("{ path: . }\nkernel", "{ path: ../recipes }\nkernel");

const PAGE = { "content-type": "text/html" };

test("a file's places are asked in order, without fetching it; a server that refuses HEAD is asked otherwise", async () => {
  const server = await web({
    "/gone.tar.xz": { body: Buffer.of(), first: [{ status: 410 }] },
    "/no-head.tar.xz": { body: Buffer.from("bytes"), first: [{ status: 405 }] },
    "/parked.tar.xz": { body: Buffer.of(), first: [{ status: 200, headers: PAGE }] },
  });
  const urls = ["gone", "parked", "no-head"].map((name) => `${server.url}/${name}.tar.xz`);
  const source = `{ http: [${urls.join(", ")}], sha256: "${DIGEST}", signature: "${server.url}/sig", keys: [signer.asc] }`;
  const recipes = { "one.yaml": kernelFrom(source), "signer.asc": "-----BEGIN PGP PUBLIC KEY BLOCK-----" };
  const ran = await checkSources(["one"], { recipes });
  expect(ran).toMatchObject({ code: 1, err: "" });
  expect(ran.out.replaceAll(server.url, "http://rig")).toMatchInlineSnapshot(`
    "one, locked
      available  linux             http  sha256 000000000000  http://rig/gone.tar.xz: HTTP 410 Gone; http://rig/parked.tar.xz: it sends a web page instead of the file; http://rig/no-head.tar.xz
      gone       linux, signature  http  keys                 http://rig/sig: HTTP 404 Not Found
    1 of 2 can be had
    "
  `);
  expect(server.requests.sort()).toEqual([
    "GET /no-head.tar.xz bytes=0-0",
    "HEAD /gone.tar.xz",
    "HEAD /no-head.tar.xz",
    "HEAD /parked.tar.xz",
    "HEAD /sig",
  ]);
});

test("what is gone but in the store can be had", async () => {
  const cwd = await tempFolder();
  const recipes = { "one.yaml": kernelFrom(`{ http: "${NOWHERE}/linux.tar.xz", sha256: "${DIGEST}" }`) };
  expect((await checkSources(["one"], { cwd, recipes })).code).toBe(1);
  const { spec } = await loadRecipe(join(cwd, "recipes/one.yaml"), nodeFiles(), { cwd, home: HOME });
  if (!spec) throw new Error("no spec");
  const steps = sourceSteps(spec, lockedPins(spec, undefined).pins, ASSETS, []);
  const planned = plan("one", steps, []).steps.find(({ step }) => step.id === "source:linux");
  const store = await openStore(join(cwd, "store"));
  await using scratch = await store.scratch("test");
  await writeFile(join(scratch.path, "source"), "the tarball");
  const source = { path: join(scratch.path, "source"), kind: "file" } as const;
  await store.commit(planned?.key ?? "", "source:linux", planned?.facts ?? {}, { source }, 1);
  const ran = await checkSources(["one"], { cwd });
  expect(ran).toMatchObject({ code: 0, err: "" });
  expect(ran.out).toMatchInlineSnapshot(`
    "one, locked
      stored  linux  http  sha256 000000000000  http://127.0.0.1:9/linux.tar.xz: connection refused; locked, and in the store
    all of it can be had
    "
  `);
});

test("locked packages are asked for one by one; another size is another file", async () => {
  const cwd = await tempFolder();
  const recipe = `description: one
extends: ${join(HOME, "recipes/mk802-opensuse.yaml")}
sources: { linux: { path: ../recipes }, u-boot: { path: ../recipes } }
kernel: { source: linux }
rootfs: { packages: [bash, lvm2, zypper], patterns: [] }
`;
  await checkSources([], { cwd, recipes: { "one.yaml": recipe } });
  const file = join(cwd, "recipes/one.yaml");
  const { spec, diagnostics } = await loadRecipe(file, nodeFiles(), { cwd, home: HOME });
  if (!spec) throw new Error(JSON.stringify(diagnostics));
  await writeFile(join(cwd, "recipes/one.lock.yaml"), formatLock("one", inventedLock(spec)));
  const oss = "/ports/armv7hl/tumbleweed/repo/oss/armv7hl";
  const byte = { body: Buffer.from("x") };
  const server = await web({
    [`${oss}/bash-1.0-1.armv7hl.rpm`]: byte,
    [`${oss}/lvm2-1.0-1.armv7hl.rpm`]: { body: Buffer.from("more") },
    [`${oss}/zypper-1.0-1.armv7hl.rpm`]: byte,
  });
  const mirror = ["--mirror", `http://download.opensuse.org=${server.url}`];
  const wrong = await checkSources(["one", ...mirror], { cwd });
  expect(wrong).toMatchObject({ code: 1, err: "" });
  expect(wrong.out.replaceAll(server.url, "http://rig")).toMatchInlineSnapshot(`
    "one, locked
      kept  repository oss  rpm  not locked     http://download.opensuse.org/ports/armv7hl/tumbleweed/repo/oss by way of http://rig/ports/armv7hl/tumbleweed/repo/oss: HTTP 404 Not Found; its packages are locked
      gone  packages        rpm  3 of opensuse  1 of 3 are missing, such as http://download.opensuse.org/ports/armv7hl/tumbleweed/repo/oss/armv7hl/lvm2-1.0-1.armv7hl.rpm by way of http://rig/ports/armv7hl/tumbleweed/repo/oss/armv7hl/lvm2-1.0-1.armv7hl.rpm: another file: 4 B, and 1 B were locked
    1 of 2 can be had
    "
  `);
  server.resources.set(`${oss}/lvm2-1.0-1.armv7hl.rpm`, byte);
  const right = await checkSources(["one", ...mirror, "--json"], { cwd });
  expect(right).toMatchObject({ code: 0, err: "" });
  const lines = right.out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ type, name, state }) => [type, name, state])).toEqual([
    ["source", "repository oss", "kept"],
    ["source", "packages", "available"],
    ["sources-checked", undefined, undefined],
  ]);
  expect(lines.at(-1)).toEqual({ type: "sources-checked", wanted: 2, had: 2 });
});

/** A server that takes connections and never says anything. */
async function silentServer() {
  let connections = 0;
  const server: Server = createServer(() => {});
  server.on("connection", () => connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, connections: () => connections };
}

test("a host that says nothing is waited for once, whatever is wanted of it", async () => {
  const silent = await silentServer();
  const urls = Array.from({ length: 40 }, (_, n) => `${silent.url}/${n}.tar.xz`);
  const recipes = { "one.yaml": kernelFrom(`{ http: [${urls.join(", ")}], sha256: "${DIGEST}" }`) };
  const ran = await checkSources(["one", "--timeout", "0.3", "--json"], { recipes });
  expect(ran).toMatchObject({ code: 1, err: "" });
  const { files } = JSON.parse(ran.out.split("\n")[0] ?? "");
  expect(files[0]).toHaveLength(40);
  expect(new Set(files[0].map((place: { answer: unknown }) => JSON.stringify(place.answer)))).toEqual(
    new Set(['{"kind":"gone","reason":"no answer within 0.3 s"}']),
  );
  // As many as are asked at once.
  expect(silent.connections()).toBeLessThanOrEqual(4);
});

test("what needs an engine is not guessed", async () => {
  const recipes = { "one.yaml": kernelFrom('{ git: "git://git.example/linux.git", branch: main }') };
  const ran = await checkSources(["one"], { recipes });
  expect(ran).toMatchObject({ code: 1, err: "" });
  expect(ran.out).toMatchInlineSnapshot(`
    "one, not locked yet
      unknown  linux  git  not locked  git://git.example/linux.git: git protocol: cannot be asked without an engine that has the fetch tool
    0 of 1 can be had
    "
  `);
});

test("a patience that is none is refused", async () => {
  expect(await checkSources(["--timeout", "soon"])).toEqual({
    code: 2,
    out: "",
    err: "error: --timeout soon is no number of seconds [usage]\n  help: give one above 0, 600 at most\n\n1 error\n",
  });
});
