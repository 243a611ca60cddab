import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { HOME } from "../rig/boardsmith.js";

/*
 * What boardsmith adds to node's own start, as ratios in one run. BOARDSMITH_BENCH_PROJECT names a folder in which
 * `boardsmith build cubieboard` has finished; without it the no-op build is left out of the table.
 */

const ROUNDS = 15;

/** Median wall time of a command, ms; rounds of all commands are interleaved so that the machine's moods hit all alike. */
function medians(commands: Readonly<Record<string, { argv: readonly string[]; cwd: string }>>): Record<string, number> {
  const times: Record<string, number[]> = {};
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, { argv, cwd }] of Object.entries(commands)) {
      const started = performance.now();
      const { status, stderr } = spawnSync(argv[0] ?? "", argv.slice(1), { cwd, encoding: "utf8" });
      if (status !== 0) throw new Error(`${argv.join(" ")} exited with ${status}: ${stderr}`);
      // The first round only warms the page cache.
      const took = performance.now() - started;
      if (round > 0) times[name] = [...(times[name] ?? []), took];
    }
  }
  return Object.fromEntries(
    Object.entries(times).map(([name, all]) => [name, all.sort((a, b) => a - b)[ROUNDS >> 1] ?? 0]),
  );
}

test("start-up", { timeout: 600_000 }, () => {
  const launcher = join(HOME, "boardsmith");
  const project = process.env.BOARDSMITH_BENCH_PROJECT;
  const found = medians({
    "node -e 0": { argv: ["node", "-e", "0"], cwd: HOME },
    "boardsmith --version": { argv: [launcher, "--version"], cwd: HOME },
    "boardsmith --help": { argv: [launcher, "--help"], cwd: HOME },
    ...(project && existsSync(project)
      ? { "no-op build": { argv: [launcher, "build", "cubieboard"], cwd: project } }
      : {}),
  });
  for (const [name, ms] of Object.entries(found)) console.log(`| \`${name}\` | ${ms.toFixed(0)} ms |`);
  const [node = 0, version = 0, help = 0, noop] = Object.values(found);
  console.log(`--version is node + ${(version - node).toFixed(0)} ms, --help node + ${(help - node).toFixed(0)} ms`);
  if (noop !== undefined) console.log(`no-op build: ${(noop / version).toFixed(2)} × --version`);
  expect(node).toBeGreaterThan(0);
});
