import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.js";
import type { ToolImage } from "../../src/plan/step.js";
import { scriptJob } from "../../src/run/container-job.js";

/** How a script ended and all it printed, in order. */
export interface Ended {
  readonly code: number;
  readonly lines: readonly string[];
}

/** Runs a script as a step would run, with texts at /in/NAME and `folder` at /t (writable, kept between runs). */
export async function shell(
  engine: Engine,
  tool: ToolImage,
  folder: string,
  script: string,
  inputs: { readonly [name: string]: string } = {},
  env: { readonly [name: string]: string } = {},
): Promise<Ended> {
  const texts = mkdtempSync(join(folder, "in-"));
  const shared = join(folder, "t");
  mkdirSync(shared, { recursive: true });
  const mounts = Object.entries(inputs).map(([name, text]) => {
    const source = join(texts, name);
    writeFileSync(source, text);
    return { source, target: `/in/${name}`, readOnly: true };
  });
  const job = await scriptJob(texts, script, {
    name: "shell",
    tool,
    env,
    mounts: [...mounts, { source: shared, target: "/t", readOnly: false }],
    network: "none",
    caps: [],
  });
  const lines: string[] = [];
  const code = await engine.run({ ...job, signal: AbortSignal.timeout(300_000), onLine: (line) => lines.push(line) });
  return { code, lines };
}
