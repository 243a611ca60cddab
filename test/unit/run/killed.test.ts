import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { verify } from "../../../src/store/verify.js";
import { killedRun } from "../../rig/killed-run.js";

const HOME = fileURLToPath(new URL("../../../", import.meta.url));
const KILLS = 20;

/** A kill needs a process of its own, and that needs JavaScript. */
const built = mkdtempSync(join(tmpdir(), "boardsmith-killed-"));
beforeAll(async () => {
  symlinkSync(join(HOME, "node_modules"), join(built, "node_modules"));
  writeFileSync(join(built, "package.json"), '{ "type": "module" }');
  const config = {
    extends: join(HOME, "tsconfig.json"),
    compilerOptions: {
      rootDir: HOME,
      outDir: join(built, "js"),
      noEmit: false,
      typeRoots: [join(HOME, "node_modules/@types")],
    },
    include: [join(HOME, "test/rig/killed-run.ts")],
  };
  writeFileSync(join(built, "tsconfig.json"), JSON.stringify(config));
  await promisify(execFile)(process.execPath, [join(HOME, "node_modules/typescript/bin/tsc"), "-p", built]);
}, 60_000);
afterAll(() => rmSync(built, { recursive: true, force: true }));

/** Runs the plan in a process of its own and kills it `late` ms after its nth event; gives how many events there were. */
async function killAfter(folder: string, nth: number, late: number): Promise<number> {
  const child = spawn(process.execPath, [join(built, "js/test/rig/killed-run.js"), folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  let events = 0;
  for await (const _ of createInterface({ input: child.stdout })) {
    if (++events !== nth) continue;
    await sleep(late);
    child.kill("SIGKILL");
  }
  await closed;
  return events;
}

const objectsOf = (outcome: Awaited<ReturnType<typeof killedRun>>) =>
  [...outcome.results].map(([step, { outputs }]) => `${step} ${outputs.result?.digest}`).sort();

const names = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).map(({ name }) => name);

test(`killed at ${KILLS} moments, a run goes on to the same bytes and leaves nothing behind`, async () => {
  const calm = await killedRun(join(built, "calm"), () => {});
  const all = await killAfter(join(built, "counted"), Number.POSITIVE_INFINITY, 0);
  expect(all).toBeGreaterThan(60);
  let interrupted = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const folder = join(built, `kill-${kill}`);
    const nth = 1 + Math.floor(((kill + Math.random()) / KILLS) * (all - 1));
    const events = await killAfter(folder, nth, Math.random() * 4);
    if (events < all) interrupted++;

    const again = await killedRun(folder, () => {});
    const store = join(folder, "store");
    expect(objectsOf(again), `killed at event ${nth}`).toEqual(objectsOf(calm));
    expect([names(join(store, "tmp")), names(join(store, "locks"))]).toEqual([[], []]);
    const checked = await verify(store, new AbortController().signal);
    expect([checked.corrupt, checked.dropped]).toEqual([[], []]);
    rmSync(folder, { recursive: true });
  }
  expect(interrupted).toBeGreaterThan(KILLS / 2);
}, 120_000);
