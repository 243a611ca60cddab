import { truncateSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { plan } from "../../src/plan/plan.js";
import type { RunEvent } from "../../src/run/events.js";
import { type RunOutcome, runPlan } from "../../src/run/run.js";
import { openStore } from "../../src/store/open.js";
import { type Body, fakeEngine } from "./fake-engine.js";
import { from, step } from "./small-plan.js";

/** Writes its output bit by bit, so that a kill may fall in between. */
const slowly =
  (bytes: number): Body =>
  async (job) => {
    const file = await open(job.host("/out/result"), "w");
    for (let done = 0; done < bytes; done += 1 << 16) {
      await file.write(Buffer.alloc(1 << 16, `${job.job.name}${done}`));
      job.say(`${done} bytes`);
    }
    await file.close();
  };

const image: Body = (job) => {
  const path = job.host("/out/result");
  writeFileSync(path, job.input("b").slice(0, 100_000));
  truncateSync(path, 8 << 20);
};

/** A run of a few steps with results of some size, in a store below `folder`. */
export async function killedRun(folder: string, emit: (event: RunEvent) => void): Promise<RunOutcome> {
  const steps = [
    step("a", [{ name: "text", from: { text: "1" } }], { weight: "io" }),
    step("b", [from("a")]),
    step("c", [{ name: "text", from: { text: "2" } }], { weight: "io" }),
    step("image", [from("b"), from("c")], { outputs: [{ name: "result", kind: "sparse" }] }),
    step("proof", [from("image")]),
  ];
  const size = 1 << 20;
  const bodies = { a: slowly(size), b: slowly(2 * size), c: slowly(size), image, proof: slowly(size / 4) };
  return runPlan(plan("toy", steps, [{ step: "image", output: "result", as: "toy.img" }]), {
    store: await openStore(join(folder, "store")),
    engine: async () => fakeEngine(bodies),
    ops: new Map(),
    emit,
    signal: new AbortController().signal,
    stateDir: join(folder, "state"),
  });
}

const [, program, folder] = process.argv;
if (program?.endsWith("killed-run.js") && folder) {
  await killedRun(folder, (event) => void process.stdout.write(`${event.type}\n`));
}
