import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import type { Cli } from "../../../src/cli/command.js";
import { run as logs } from "../../../src/cli/commands/logs.js";
import { run as storeCommand } from "../../../src/cli/commands/store.js";
import { runPlan } from "../../../src/run/run.js";
import { openStore } from "../../../src/store/open.js";
import { fakeEngine } from "../../rig/fake-engine.js";
import { diamond } from "../../rig/small-plan.js";
import { tempFolder } from "../../rig/temp-folder.js";

/** A store with two runs of "toy" in it. */
async function used() {
  const root = await tempFolder();
  const store = await openStore(root);
  const body = (job: Parameters<NonNullable<Parameters<typeof fakeEngine>[0][string]>>[0]) => {
    job.say(`this is ${job.job.name}`);
    job.output("result", job.job.name);
  };
  const engine = fakeEngine({ a: body, b: body, c: body, d: body });
  for (const text of ["one", "two"]) {
    await runPlan(diamond(text), {
      store,
      engine: async () => engine,
      ops: new Map(),
      emit: () => {},
      signal: new AbortController().signal,
      stateDir: join(root, "state", "toy-0123abcd"),
    });
  }
  const stdout = new PassThrough();
  const cli = { cwd: root, env: {}, stdout, signal: new AbortController().signal, home: root } as unknown as Cli;
  const say = async (body: typeof logs, args: string[], flags: object = {}): Promise<string> => {
    await body(cli, args, { store: root, ...flags });
    return ((stdout.read() as Buffer | null) ?? "").toString();
  };
  return { root, store, say };
}

test("logs shows the last run, its events, a step's newest log, and the runs there are", async () => {
  const { say } = await used();
  const last = await say(logs, ["toy"]);
  expect(last).toContain("[a] started, because: text of a changed\n[a] this is a\n");
  expect(last).toContain("[c] reused\n");
  expect(last.trimEnd().split("\n").at(-1)).toMatch(/^toy: built after /);
  const events = (await say(logs, [], { json: true })).trimEnd().split("\n");
  expect(events.map((line) => JSON.parse(line).type).at(-1)).toBe("run-finished");
  // c ran in the first run only.
  expect(await say(logs, ["recipes/toy.yaml", "c"])).toContain("this is c\n");
  expect((await say(logs, [], { list: true })).trimEnd().split("\n")).toHaveLength(2);
  await expect(say(logs, ["toy", "x"])).rejects.toThrow('no recorded run has a log of step "x"');
  await expect(say(logs, ["other"])).rejects.toThrow("no run of other is recorded in");
});

test("store du, gc and verify say what they found", async () => {
  const { root, store, say } = await used();
  const du = await say(storeCommand, ["du"]);
  expect(du.split("\n")[0]).toMatch(new RegExp(`^${root}: \\d.* on disk$`));
  expect(du).toMatch(/\n +\d\S* \S+ +\d+ B +2 {2}a +toy\n/);
  expect(await say(storeCommand, ["gc"], { keepRuns: "1", keepDays: "0", dryRun: true })).toMatch(
    /\nwould remove 3 results and 0 objects, 0 B\n$/,
  );
  expect(await say(storeCommand, ["gc"], { keepRuns: "1", keepDays: "0" })).toMatch(
    /\nremoved 3 results and 0 objects, 0 B\n$/,
  );
  await expect(say(storeCommand, ["gc"], { keepRuns: "some" })).rejects.toThrow(
    '--keep-runs takes a whole number, not "some"',
  );
  expect(await say(storeCommand, ["verify"])).toBe("4 objects read, 4 B: all sound\n");

  const object = (await store.find(diamond("two").steps[0]?.key ?? ""))?.outputs.result;
  const path = object ? store.path(object) : "";
  chmodSync(path, 0o644);
  writeFileSync(path, "X");
  await expect(say(storeCommand, ["verify"])).rejects.toThrow(
    "the store held corrupt objects; the next build makes them again",
  );
});
