import { open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { RunEvent } from "./events.js";

/** A run that left logs. */
export interface PastRun {
  readonly run: string;
  readonly folder: string;
  readonly recipe: string;
  /** ISO time of its start. */
  readonly at: string;
}

/** The runs in a `logs` folder, newest first. */
export async function pastRuns(logs: string): Promise<readonly PastRun[]> {
  const runs: PastRun[] = [];
  for (const name of await readdir(logs).catch(() => [])) {
    const folder = join(logs, name);
    const first = await firstEvent(join(folder, "events.ndjson"));
    if (first) runs.push({ run: name, folder, recipe: first.recipe, at: first.at });
  }
  return runs.sort((a, b) => (a.at < b.at ? 1 : -1));
}

/** Removes the logs of all but the newest `keep` runs; gives how many went. */
export async function forgetLogs(logs: string, keep: number): Promise<number> {
  const old = (await pastRuns(logs)).slice(keep);
  for (const { folder } of old) await rm(folder, { recursive: true, force: true });
  return old.length;
}

async function firstEvent(path: string): Promise<Extract<RunEvent, { type: "run-started" }> | undefined> {
  const file = await open(path).catch(() => undefined);
  if (!file) return undefined;
  try {
    for await (const line of file.readLines()) {
      const event = JSON.parse(line) as RunEvent;
      return event.type === "run-started" ? event : undefined;
    }
  } catch {
    // A run that was killed while it began.
  } finally {
    await file.close().catch(() => {});
  }
  return undefined;
}
