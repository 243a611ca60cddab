import { expect } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import type { ToolImage } from "../../src/plan/step.js";
import { scriptJob } from "../../src/run/container-job.js";

/** Runs a script that has to end well in a tool image, with `folder` at /t; gives what it printed. */
export async function inContainer(engine: Engine, tool: ToolImage, folder: string, script: string): Promise<string> {
  const lines: string[] = [];
  const job = await scriptJob(folder, script, {
    name: "judge",
    tool,
    env: {},
    mounts: [{ source: folder, target: "/t", readOnly: false }],
    network: "none",
    caps: [],
  });
  const code = await engine.run({ ...job, signal: AbortSignal.timeout(300_000), onLine: (line) => lines.push(line) });
  expect(code, `the script ends well:\n${script}\n${lines.join("\n")}`).toBe(0);
  return lines.join("\n");
}
