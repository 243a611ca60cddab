import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { collect } from "../../../src/store/collect.js";
import { digestTree } from "../../../src/store/digest.js";
import { type OpenStore, openStore } from "../../../src/store/open.js";
import { usage } from "../../../src/store/usage.js";
import { verify } from "../../../src/store/verify.js";
import { sha256 } from "../../../src/util/canonical.js";
import { tempFolder } from "../../rig/temp-folder.js";

const KEY = sha256("key");

async function put(store: OpenStore, key: string, step: string, text: string) {
  await using scratch = await store.scratch("test");
  const path = join(scratch.path, "result");
  writeFileSync(path, text);
  return await store.commit(key, step, { text }, { result: { path, kind: "file" } }, 1.5);
}

describe("objects and results", () => {
  test("what was committed is found, read-only, and leaves no scratch", async () => {
    const store = await openStore(await tempFolder());
    expect(await store.find(KEY)).toBeUndefined();
    const result = await put(store, KEY, "kernel", "hello");
    const object = result.outputs.result;
    if (!object) expect.fail("no object");
    expect(object).toEqual({ digest: sha256("hello"), size: 5, kind: "file" });
    expect(store.path(object)).toBe(
      join(store.root, "objects/sha256", object.digest.slice(0, 2), object.digest.slice(2)),
    );
    expect(readFileSync(store.path(object), "utf8")).toBe("hello");
    expect(statSync(store.path(object)).mode & 0o777).toBe(0o444);
    expect(await store.find(KEY)).toEqual(result);
    expect(readdirSync(join(store.root, "tmp"))).toEqual([]);
    expect(readdirSync(store.root)).toContain("CACHEDIR.TAG");
  });

  test.each([
    ["longer", "hello!"],
    ["shorter", "hell"],
    ["of the same size", "jello"],
  ])("an object that became %s is not found, and is gone", async (_, text) => {
    const store = await openStore(await tempFolder());
    const { outputs } = await put(store, KEY, "kernel", "hello");
    const path = outputs.result ? store.path(outputs.result) : "";
    chmodSync(path, 0o644);
    writeFileSync(path, text);
    expect(await store.find(KEY)).toBeUndefined();
    expect(() => statSync(path)).toThrow(/ENOENT/);
    await put(store, KEY, "kernel", "hello");
    expect(await store.find(KEY)).toBeDefined();
  });

  test("an object that was only touched stays", async () => {
    const store = await openStore(await tempFolder());
    const { outputs } = await put(store, KEY, "kernel", "hello");
    const path = outputs.result ? store.path(outputs.result) : "";
    utimesSync(path, 1000, 1000);
    expect(await store.find(KEY)).toBeDefined();
    expect(statSync(path).mtimeMs).toBe(1000);
  });

  test("a torn result counts as none", async () => {
    const store = await openStore(await tempFolder());
    await put(store, KEY, "kernel", "hello");
    const path = join(store.root, "results", KEY.slice(0, 2), `${KEY}.json`);
    writeFileSync(path, readFileSync(path, "utf8").slice(0, 40));
    expect(await store.find(KEY)).toBeUndefined();
  });
});

describe("local files", () => {
  test("a tree becomes the same tar wherever it lies and whenever it was written", async () => {
    const folder = await tempFolder();
    const tree = (name: string): string => {
      const root = join(folder, name);
      mkdirSync(join(root, "usr/bin"), { recursive: true });
      writeFileSync(join(root, "usr/bin/run"), "#!/bin/sh\n");
      chmodSync(join(root, "usr/bin/run"), 0o700);
      writeFileSync(join(root, "b"), "b".repeat(100_000));
      writeFileSync(join(root, `${"long".repeat(40)}ü`), "");
      symlinkSync("usr/bin/run", join(root, "a"));
      return root;
    };
    const [one, two] = [tree("one"), tree("two")];
    utimesSync(join(two, "b"), 1, 1);
    const [first, second] = [await openStore(join(folder, "s1")), await openStore(join(folder, "s2"))];
    const digest = await digestTree(one);
    const tar = await first.importTree(one, digest);
    expect(await second.importTree(two, digest)).toEqual(tar);
    expect(await first.importTree(two, digest)).toEqual(tar);
    const list = execFileSync("tar", ["-tvf", first.path(tar), "--numeric-owner", "--full-time"], {
      encoding: "utf8",
      env: { ...process.env, TZ: "UTC", LC_ALL: "C.UTF-8" },
    });
    expect(list.replace(/ +/g, " ").split("\n")).toEqual([
      "lrwxrwxrwx 0/0 0 1970-01-01 00:00:00 a -> usr/bin/run",
      "-rw-r--r-- 0/0 100000 1970-01-01 00:00:00 b",
      `-rw-r--r-- 0/0 0 1970-01-01 00:00:00 ${"long".repeat(40)}ü`,
      "drwxr-xr-x 0/0 0 1970-01-01 00:00:00 usr/",
      "drwxr-xr-x 0/0 0 1970-01-01 00:00:00 usr/bin/",
      "-rwxr-xr-x 0/0 10 1970-01-01 00:00:00 usr/bin/run",
      "",
    ]);
  });

  test("a tree that changed since it was digested is refused", async () => {
    const folder = await tempFolder();
    const root = join(folder, "overlay");
    mkdirSync(root);
    writeFileSync(join(root, "a"), "1");
    const digest = await digestTree(root);
    writeFileSync(join(root, "a"), "2");
    const store = await openStore(join(folder, "store"));
    await expect(store.importTree(root, digest)).rejects.toThrow(`${root} changed while it was being built`);
  });

  test("a pipe in a tree is refused with its path", async () => {
    const folder = await tempFolder();
    execFileSync("mkfifo", [join(folder, "pipe")]);
    await expect(digestTree(folder)).rejects.toThrow(
      `${join(folder, "pipe")} is neither a file nor a folder nor a symbolic link`,
    );
  });
});

describe("looking after it", () => {
  test("verify removes a corrupt object, also one whose time and size are right, with every result that names it", async () => {
    const store = await openStore(await tempFolder());
    await put(store, KEY, "kernel", "hello");
    await put(store, sha256("other"), "copy", "hello");
    await put(store, sha256("third"), "u-boot", "sound");
    const path = join(store.root, "objects/sha256", sha256("hello").slice(0, 2), sha256("hello").slice(2));
    chmodSync(path, 0o644);
    writeFileSync(path, "jello");
    utimesSync(path, 1, 1);
    expect(await store.find(KEY)).toBeDefined();
    const found = await verify(store.root, new AbortController().signal);
    expect([found.objects, found.bytes, found.corrupt]).toEqual([2, 10, [sha256("hello")]]);
    expect(found.dropped.map(({ step }) => step).sort()).toEqual(["copy", "kernel"]);
    expect(await store.find(KEY)).toBeUndefined();
    expect(await store.find(sha256("third"))).toBeDefined();
    expect((await verify(store.root, new AbortController().signal)).corrupt).toEqual([]);
  });

  test("gc keeps what the last runs of each recipe used", async () => {
    const store = await openStore(await tempFolder());
    for (const name of ["a1", "a2", "a3", "b1", "stray"]) await put(store, sha256(name), name, name);
    const run = (recipe: string, name: string, at: number) =>
      store.recordRun({ run: name, recipe, at: new Date(at).toISOString(), keys: [sha256(name)] });
    await run("a", "a1", 1000);
    await run("a", "a2", 2000);
    await run("a", "a3", 3000);
    await run("b", "b1", 500);
    const options = { keepRuns: 2, keepDays: 0, dryRun: true };
    const would = await collect(store.root, options);
    expect(would.results.map(({ step }) => step).sort()).toEqual(["a1", "stray"]);
    expect(await store.find(sha256("a1"))).toBeDefined();
    const did = await collect(store.root, { ...options, dryRun: false });
    expect([did.results, did.objects, did.freed]).toEqual([would.results, 2, would.freed]);
    for (const name of ["a2", "a3", "b1"]) expect(await store.find(sha256(name))).toBeDefined();
    for (const name of ["a1", "stray"]) expect(await store.find(sha256(name))).toBeUndefined();
    expect((await collect(store.root, { keepRuns: 2, keepDays: 1, dryRun: false })).results).toEqual([]);
  });

  test("du counts by step, names the recipes, and an object once", async () => {
    const store = await openStore(await tempFolder());
    await put(store, KEY, "kernel", "k".repeat(10_000));
    await put(store, sha256("same"), "kernel", "k".repeat(10_000));
    await put(store, sha256("u"), "u-boot", "u");
    await store.recordRun({ run: "r", recipe: "cubieboard", at: "2026-01-01T00:00:00Z", keys: [KEY] });
    writeFileSync(join(await store.cache("ccache"), "x"), "x".repeat(5000));
    const all = await usage(store.root);
    expect(all.steps.map(({ step, recipes, results, apparent }) => ({ step, recipes, results, apparent }))).toEqual([
      { step: "kernel", recipes: ["cubieboard"], results: 2, apparent: 10_000 },
      { step: "u-boot", recipes: [], results: 1, apparent: 1 },
    ]);
    expect(all.caches.map(({ name }) => name)).toEqual(["ccache"]);
    expect(all.allocated).toBeGreaterThan(15_000);
  });
});
