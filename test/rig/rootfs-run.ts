import { writeFileSync } from "node:fs";
import { expect } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import { ops } from "../../src/ops/registry.js";
import { plan } from "../../src/plan/plan.js";
import type { Step, ToolImage } from "../../src/plan/step.js";
import type { RunEvent } from "../../src/run/events.js";
import { runPlan } from "../../src/run/run.js";
import type { OpenStore } from "../../src/store/open.js";
import { tarOf } from "../unit/rootfs/rig.js";

/** Version of the kernel that KERNEL leaves. */
export const RELEASE = "6.12.107";

/** A kernel's outputs without its compilation, for steps that make a root filesystem. */
export const KERNEL: Step = {
  id: "kernel",
  title: "a kernel",
  action: { kind: "op", op: "kernel", args: {}, tools: [], scripts: {}, code: "" },
  inputs: [],
  outputs: [
    { name: "modules", kind: "file" },
    { name: "release", kind: "file" },
  ],
};

/** Runs steps, KERNEL among them; gives where their outputs are, what they printed, and which of them ran at all. */
export async function runSteps(
  steps: readonly Step[],
  place: {
    readonly engine: Engine;
    readonly store: OpenStore;
    readonly stateDir: string;
    readonly signal: AbortSignal;
  },
): Promise<{
  readonly path: (step: string, output: string) => string;
  readonly lines: readonly string[];
  readonly ran: readonly string[];
}> {
  const { engine, store, stateDir, signal } = place;
  const lines: string[] = [];
  const ran: string[] = [];
  const { results } = await runPlan(plan("card", steps, []), {
    store,
    engine: async () => engine,
    ops: new Map([
      ...ops,
      [
        "kernel",
        async (run) => {
          writeFileSync(run.out("release"), `${RELEASE}\n`);
          writeFileSync(run.out("modules"), tarOf({ "/": {}, "lib/": {}, [`lib/modules/${RELEASE}/modules.dep`]: "" }));
        },
      ],
    ]),
    emit: (event: RunEvent) => {
      if (event.type === "step-output") lines.push(event.line);
      if (event.type === "step-started") ran.push(event.step);
    },
    signal,
    stateDir,
  });
  const path = (step: string, output: string): string => {
    const object = results.get(step)?.outputs[output];
    if (!object) throw new Error(`no ${output} of ${step}`);
    return store.path(object);
  };
  return { path, lines, ran };
}

/** Runs a script as root with a rootfs unpacked at /work/root; gives what it printed. */
export async function insideRootfs(
  engine: Engine,
  tool: ToolImage,
  tar: string,
  script: string,
): Promise<readonly string[]> {
  const lines: string[] = [];
  const code = await engine.run({
    name: "look",
    tool,
    argv: [
      "sh",
      "-euc",
      `mkdir -p /work/root; tar -xpf /in/rootfs -C /work/root --xattrs --xattrs-include='*'; ${script}`,
    ],
    env: { LC_ALL: "C.UTF-8" },
    mounts: [{ source: tar, target: "/in/rootfs", readOnly: true }],
    network: "none",
    caps: [],
    onLine: (line) => lines.push(line),
    signal: AbortSignal.timeout(600_000),
  });
  expect(code, lines.join("\n")).toBe(0);
  return lines;
}
