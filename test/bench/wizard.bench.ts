import { spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { boardsmith, HOME } from "../rig/boardsmith.js";
import { tempFolder } from "../rig/temp-folder.js";
import { terminal } from "../rig/terminal.js";
import { KEY } from "../rig/wizard-world.js";

/*
 * How long somebody waits: for the first question (node's start and the launcher's included, beside `--version`, which is
 * both and nothing else), and from an answer to the next question. A start before has remembered the boards.
 */

const ROUNDS = 9;
const ENTER = "\r";

const median = (all: readonly number[]): number => [...all].sort((a, b) => a - b)[all.length >> 1] ?? Number.NaN;

test("the wizard", { timeout: 300_000 }, async () => {
  const folder = await tempFolder();
  await mkdir(join(folder, "home/.ssh"), { recursive: true });
  await writeFile(join(folder, "home/.ssh/id_ed25519.pub"), `${KEY}\n`);
  const env = { BOARDSMITH_STORE: join(folder, "store"), HOME: join(folder, "home") };
  await boardsmith(["--version"], { cwd: HOME });
  const first: number[] = [];
  const version: number[] = [];
  const between: Record<string, number[]> = {};
  for (let round = 0; round <= ROUNDS; round++) {
    const bare = performance.now();
    spawnSync(join(HOME, "boardsmith"), ["--version"]);
    if (round > 0) version.push(performance.now() - bare);
    const started = performance.now();
    const at = terminal([], { cwd: folder, env, rows: 24, columns: 80 });
    await at.shows(/\? Which board/);
    if (round > 0) first.push(performance.now() - started);
    at.type("cubieboard2");
    await at.shows(/is it for\? cubieboard2\n❯ cubieboard2/);
    const steps = [
      "What is it for",
      "Which set",
      "Which further packages",
      "Which kernel",
      "How large",
      "laid out",
      "host name",
    ];
    for (const question of steps) {
      // What is loaded behind the first question is no part of the way to the second for anybody who reads.
      if (question === steps[0]) await new Promise((resolve) => setTimeout(resolve, 3000));
      const answered = performance.now();
      at.type(ENTER);
      await at.shows(new RegExp(`\\? .*${question}`));
      if (round > 0) between[question] = [...(between[question] ?? []), performance.now() - answered];
    }
    at.type("\u0003");
    await at.ended;
    await boardsmith(["--version"], { cwd: HOME });
    spawnSync("rm", ["-f", join(folder, "store/state/wizard/draft.yaml")]);
  }
  console.log(
    `| first question | ${median(first).toFixed(0)} ms | ${(median(first) / median(version)).toFixed(1)} × \`--version\` |`,
  );
  for (const [question, times] of Object.entries(between))
    console.log(`| to "${question}" | ${median(times).toFixed(0)} ms |`);
  expect(first).toHaveLength(ROUNDS);
});
