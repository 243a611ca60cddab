import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "./results.js";

/** Which keys a run of a recipe used: what keeps results from gc. */
export interface RunRecord {
  readonly run: string;
  readonly recipe: string;
  /** ISO time. */
  readonly at: string;
  readonly keys: readonly string[];
}

const folder = (root: string): string => join(root, "runs");

/** Remembers a run. */
export async function recordRun(root: string, record: RunRecord, scratch: string): Promise<void> {
  await writeWhole(join(folder(root), `${record.run}.json`), JSON.stringify(record), scratch);
}

/** Every remembered run, newest first. */
export async function readRuns(root: string): Promise<readonly RunRecord[]> {
  const records: RunRecord[] = [];
  for (const name of await readdir(folder(root)).catch(() => [])) {
    try {
      records.push(JSON.parse(await readFile(join(folder(root), name), "utf8")) as RunRecord);
    } catch {
      // A record that cannot be read keeps nothing.
    }
  }
  return records.sort((a, b) => (a.at < b.at ? 1 : -1));
}

/** Forgets a run. */
export async function forgetRun(root: string, run: string): Promise<void> {
  await rm(join(folder(root), `${run}.json`), { force: true });
}
