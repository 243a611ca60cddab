import { readFileSync } from "node:fs";
import { image } from "../../src/ops/image.js";
import { IMAGE } from "../../src/steps/tools.js";
import type { Json } from "../../src/util/canonical.js";
import { engineWith, runOp } from "../rig/op-run.js";

/** One assembly by op `image` in a process of its own: `ours.js JOB.json` prints seconds and peak memory. */
const job = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as {
  readonly args: Json;
  readonly inputs: { readonly [name: string]: string };
  readonly scripts: { readonly [name: string]: string };
  readonly folder: string;
};
const engine = await engineWith(IMAGE);
const start = process.hrtime.bigint();
await runOp(image, { ...job, engine, tools: [IMAGE] });
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
await engine.close();
// Not getrusage's maxRSS, which a process inherits from the one that started it.
const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
console.log(JSON.stringify({ seconds, rss: Number(peak) * 1024 }));
