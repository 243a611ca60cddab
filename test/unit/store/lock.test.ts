import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStore } from "../../../src/store/open.js";
import { ownerName, self } from "../../../src/store/owner.js";
import { gate } from "../../rig/fake-engine.js";
import { tempFolder } from "../../rig/temp-folder.js";

const quiet = () => {};
const never = new AbortController().signal;

/** A process id that was in use and is no more. */
const deadPid = (): number => spawnSync("true").pid;

test("one holder at a time, in whatever order they ask", async () => {
  const store = await openStore(await tempFolder());
  let inside = 0;
  const done: number[] = [];
  const enter = async (nth: number): Promise<void> => {
    await using _lock = await store.lock("kernel", quiet, never);
    expect(++inside).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    inside--;
    done.push(nth);
  };
  await Promise.all([1, 2, 3, 4].map(enter));
  expect(done.sort()).toEqual([1, 2, 3, 4]);
  expect(readdirSync(join(store.root, "locks"))).toEqual([]);
});

test("waiting names the holder once, and can be aborted", async () => {
  const store = await openStore(await tempFolder());
  await using _held = await store.lock("kernel", quiet, never);
  const abort = new AbortController();
  const heard: string[] = [];
  const waiting = store.lock(
    "kernel",
    (holder) => {
      heard.push(holder);
      abort.abort(new Error("SIGINT"));
    },
    abort.signal,
  );
  await expect(waiting).rejects.toThrow("SIGINT");
  expect(heard).toEqual([expect.stringMatching(new RegExp(`^boardsmith \\(pid ${process.pid}, since 2\\d{3}-`))]);
});

test("a dead holder's lock is taken over, by exactly one of many", async () => {
  const root = await tempFolder();
  const store = await openStore(root);
  mkdirSync(join(root, "locks"), { recursive: true });
  const stale = { ...self(), pid: deadPid(), start: "1", nonce: "feedbeef", since: "2026-01-01" };
  writeFileSync(join(root, "locks", "kernel"), JSON.stringify(stale));
  let inside = 0;
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      await using _lock = await store.lock("kernel", quiet, never);
      expect(++inside).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      inside--;
    }),
  );
  expect(readdirSync(join(root, "locks"))).toEqual([]);
});

test("a pid that was given to another process does not keep a lock, a lock from elsewhere does while it is fresh", async () => {
  const root = await tempFolder();
  const store = await openStore(root);
  mkdirSync(join(root, "locks"), { recursive: true });
  const path = join(root, "locks", "kernel");
  const reused = { ...self(), start: "1", nonce: "feedbeef", since: "2026-01-01" };
  writeFileSync(path, JSON.stringify(reused));
  await (await store.lock("kernel", quiet, never))[Symbol.asyncDispose]();

  writeFileSync(path, JSON.stringify({ ...reused, place: "elsewhere" }));
  const abort = new AbortController();
  const waits = gate();
  const waiting = store.lock("kernel", () => waits.open(), abort.signal);
  await waits.opened;
  abort.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  expect(JSON.parse(readFileSync(path, "utf8")).place).toBe("elsewhere");
});

test("opening sweeps the scratch and locks of dead processes, not those of living ones", async () => {
  const root = await tempFolder();
  const living = spawn("cat", { stdio: ["pipe", "ignore", "ignore"] });
  try {
    const dead = ownerName({ ...self(), pid: deadPid(), start: "1" });
    const alive = ownerName({ ...self(), pid: living.pid ?? 0, start: "" });
    for (const name of [dead, alive, "rubbish"]) mkdirSync(join(root, "tmp", name, "kernel"), { recursive: true });
    mkdirSync(join(root, "locks"), { recursive: true });
    const holder = { ...self(), pid: deadPid(), start: "1", nonce: "feedbeef", since: "2026-01-01" };
    for (const name of ["kernel", "kernel~feedbeef", "torn"]) {
      writeFileSync(join(root, "locks", name), name === "torn" ? "" : JSON.stringify(holder));
    }
    await openStore(root);
    expect(readdirSync(join(root, "tmp"))).toEqual([alive]);
    expect(readdirSync(join(root, "locks"))).toEqual([]);
  } finally {
    living.kill();
    await once(living, "close");
  }
});
