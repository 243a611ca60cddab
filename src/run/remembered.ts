import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { conceal } from "../plan/conceal.js";
import type { Remembered } from "../plan/explain.js";
import type { PlannedStep } from "../plan/step.js";
import { replaceFile } from "./logs.js";

const file = (stateDir: string): string => join(stateDir, "last.json");

/** What each step of a recipe was made from the last time; empty when nothing is known. */
export async function readRemembered(stateDir: string): Promise<Remembered> {
  try {
    return JSON.parse(await readFile(file(stateDir), "utf8")) as Remembered;
  } catch {
    return {};
  }
}

/** Remembers the steps whose results stand now; those of others stay as they were. Secrets are not written. */
export async function remember(stateDir: string, before: Remembered, steps: readonly PlannedStep[]): Promise<void> {
  if (steps.every(({ step, key }) => before[step.id]?.key === key)) return;
  const now = Object.fromEntries(steps.map(({ step, key, facts }) => [step.id, { key, facts: conceal(facts) }]));
  await mkdir(stateDir, { recursive: true });
  await replaceFile(file(stateDir), `${JSON.stringify({ ...before, ...now })}\n`);
}
