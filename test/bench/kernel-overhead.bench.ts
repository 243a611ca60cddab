/**
 * The kernel's step against a bare make of the same tree, in the same container, without ccache: what patching by rule, the
 * truth check, the version check and packing cost on top of compiling. Both unpack the source first. Seconds of CPU, so that
 * the figure holds on a busy machine as well. Then the step with a warm ccache and one fragment line changed.
 * BENCH_LINUX names the file that a build kept as the source's result (a Debian source package's files in one tar).
 *
 *   BENCH_LINUX=/path/of/object npx vitest run --config test/bench/vitest.config.ts test/bench/kernel-overhead.bench.ts
 */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import type { ContainerAction, Step } from "../../src/plan/step.js";
import type { Spec } from "../../src/recipe/spec.js";
import { scriptJob } from "../../src/run/container-job.js";
import { kernelSteps } from "../../src/steps/kernel.js";
import { ASSETS, cardSpec } from "../rig/card.js";
import { engineWith } from "../rig/op-run.js";

type Texts = Readonly<Record<string, string>>;

const LINUX = process.env["BENCH_LINUX"] ?? "";
const folder = mkdtempSync(join(process.env["BENCH_FOLDER"] ?? tmpdir(), "boardsmith-bench-"));
const fragment = "recipes/kernel/slim.config";
const base = cardSpec();
const spec: Spec = {
  ...base,
  sources: { linux: { kind: "distro", package: "linux" } },
  kernel: { ...base.kernel, fragments: [{ name: fragment, text: readFileSync(fragment, "utf8") }] },
};
const step = kernelSteps(spec, ASSETS)[0] as Step;
const action = step.action as ContainerAction;

/** The same tree by hand: what anybody would type, given the finished .config. */
const BARE = `
mkdir /work/files /work/src; tar -xf /in/source -C /work/files
tar -xf /work/files/*.orig.tar.xz -C /work/src --strip-components=1; tar -xf /work/files/*.debian.tar.xz -C /work/src
cd /work/src; sed -e 's/ *#.*//' -e '/^$/d' debian/patches/series | while read -r p; do patch -s -p1 -i "debian/patches/$p"; done
mkdir /work/build; cp /in/dot-config /work/build/.config
bare() { make -s -C /work/src O=/work/build ARCH=arm CROSS_COMPILE=arm-linux-gnueabihf- LOCALVERSION= "$@"; }
bare -j"$(nproc)" zImage dtbs modules
bare INSTALL_MOD_STRIP=1 INSTALL_MOD_PATH=/work/modules modules_install`;

let engine: Engine;

beforeAll(async () => {
  engine = await engineWith(action.tool);
});
afterAll(async () => {
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Cost {
  /** Of everything the script ran, seconds. */
  readonly cpu: number;
  readonly wall: number;
  readonly lines: readonly string[];
}

/** Runs a script with the step's inputs, some of them replaced. */
async function cost(name: string, script: string, more: Texts, ccache?: string): Promise<Cost> {
  const place = join(folder, name);
  mkdirSync(join(place, "in"), { recursive: true });
  mkdirSync(join(place, "out"));
  const texts = Object.entries({
    ...Object.fromEntries(step.inputs.flatMap((one) => ("text" in one.from ? [[one.name, one.from.text]] : []))),
    ...more,
  });
  for (const [file, text] of texts) writeFileSync(join(place, "in", file), text);
  const mounts = [
    { source: LINUX, target: "/in/source", readOnly: true },
    ...texts.map(([file]) => ({ source: join(place, "in", file), target: `/in/${file}`, readOnly: true })),
    { source: join(place, "out"), target: "/out", readOnly: false },
    ...(ccache ? [{ source: ccache, target: "/cache/ccache", readOnly: false }] : []),
  ];
  const env = ccache ? action.env : { ...action.env, CCACHE_DISABLE: "1" };
  // The shell's own sum of what its children took.
  const timed = `${script}\ntimes`;
  const job = await scriptJob(place, timed, { name, tool: action.tool, env, mounts, network: "none", caps: [] });
  const lines: string[] = [];
  const started = performance.now();
  const code = await engine.run({ ...job, signal: AbortSignal.timeout(7_200_000), onLine: (line) => lines.push(line) });
  expect(code, lines.slice(-20).join("\n")).toBe(0);
  const children = [...(lines.at(-1) ?? "").matchAll(/(\d+)m([\d.]+)s/g)];
  expect(children).toHaveLength(2);
  const cpu = children.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
  return { cpu, wall: (performance.now() - started) / 1000, lines };
}

const digest = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

const told = ({ cpu, wall }: Cost) => `${cpu.toFixed(0)} s of CPU (${wall.toFixed(0)} s on the clock)`;

it.runIf(LINUX)("the kernel's step takes at most 3 % longer than a bare make", async () => {
  const ours = await cost("step", action.script, {});
  const config = readFileSync(join(folder, "step", "out", "config"), "utf8");
  const bare = await cost("bare", BARE, { "dot-config": config });
  console.log(`step ${told(ours)}, bare make ${told(bare)}, ratio ${(ours.cpu / bare.cpu).toFixed(3)}`);
  expect(ours.cpu / bare.cpu).toBeLessThan(1.03);
});

it.runIf(LINUX)("one changed fragment line compiles less than 5 % anew", async () => {
  const ccache = join(folder, "ccache");
  mkdirSync(ccache);
  const warm = await cost("warm", action.script, {}, ccache);
  // What ccache gives is what the compiler gives: the first test's results were made without it.
  for (const made of ["kernel", "modules", "dtbs", "config"]) {
    expect(digest(join(folder, "warm", "out", made)), made).toBe(digest(join(folder, "step", "out", made)));
  }
  const [name, text] = Object.entries(fragmentTexts()).at(-1) as [string, string];
  const again = await cost("changed", action.script, { [name]: `${text}CONFIG_LEDS_TRIGGER_ONESHOT=y\n` }, ccache);
  const rate = again.lines.find((line) => line.includes("from the cache")) ?? "";
  console.log(`cold ${told(warm)}; one line changed ${told(again)}: ${rate}`);
  expect(Number(/\(([\d.]+) %\)/.exec(rate)?.[1])).toBeGreaterThan(95);
});

/** The step's fragments by input name, the recipe's last. */
function fragmentTexts(): Texts {
  return Object.fromEntries(
    step.inputs.flatMap((one) =>
      "text" in one.from && one.name.startsWith("fragment-") ? [[one.name, one.from.text]] : [],
    ),
  );
}
