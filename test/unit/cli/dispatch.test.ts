import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Cli } from "../../../src/cli/command.js";
import { dispatch } from "../../../src/cli/dispatch.js";
import { explainError } from "../../../src/cli/errors.js";
import { EngineLost, StepFailed } from "../../../src/diagnostic/failure.js";

const home = fileURLToPath(new URL("../../../", import.meta.url)).replace(/\/$/, "");

/** Runs boardsmith's words in this process, as main does. */
async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const { signal } = new AbortController();
  const cli: Cli = { cwd: home, env: {}, stdout, stderr, stdin: process.stdin, signal, home };
  const code = await dispatch(cli, argv).catch((error: unknown) => explainError(cli, error));
  stdout.end();
  stderr.end();
  return { code, out: await text(stdout), err: await text(stderr) };
}

test("no words: the help, and all is well", async () => {
  const { code, out, err } = await run();
  expect([code, err]).toEqual([0, ""]);
  expect(out).toMatch(/^Usage: boardsmith \[options\] \[command\]\n/);
});

test.each([
  [["biuld", "x"], `error: unknown command 'biuld' (Did you mean build?) [usage]`],
  [["build"], "error: missing required argument 'recipe' [usage]"],
  [["build", "x", "--ofline"], "error: unknown option '--ofline' (Did you mean --offline?) [usage]"],
])("%j is told once, with what to do, and exits 2", async (argv, message) => {
  expect(await run(...argv)).toEqual({
    code: 2,
    out: "",
    err: `${message}\n  help: see "boardsmith --help"\n\n1 error\n`,
  });
});

test("a recipe is told with its Xen and its model", async () => {
  const { code, out } = await run("recipes", "fast-model-a15");
  expect(code).toBe(0);
  expect(out).toMatch(/^ {2}xen +package xen-hypervisor-4\.17-armhf of the root filesystem; dom0 has 512 MiB$/m);
  expect(out).toMatch(/^ {2}fast model +vexpress-a15, ARM Fast Models: /m);
});

test("an unknown recipe is told with those there are", async () => {
  const { code, err } = await run("build", "cubiebord");
  expect(code).toBe(2);
  expect(err).toBe(
    'error: no recipe is named "cubiebord" [unknown-recipe]\n  help: did you mean "cubieboard"?\n\n1 error\n',
  );
});

test.each<[string, unknown, number, string]>([
  [
    "a failed step",
    new StepFailed("kernel", "no", { lastLines: ["cc: oh"] }),
    1,
    "error: step kernel failed: no\n  | cc: oh\n",
  ],
  ["no engine", new EngineLost("no engine answers", ["start one"]), 3, "error: no engine answers\n  start one\n"],
])("%s has its own exit code", async (_, error, code, err) => {
  const stderr = new PassThrough();
  const { signal } = new AbortController();
  const cli = { env: {}, stderr, signal, cwd: home } as unknown as Cli;
  expect(explainError(cli, error)).toBe(code);
  stderr.end();
  expect(await text(stderr)).toBe(err);
});
