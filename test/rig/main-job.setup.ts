import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the main job's test leaves what it made, see main-job.ts. */
    readonly mainJob: string;
  }
}

/** A folder for the whole run, so that one file's test can leave something to another's. */
export default async function setup(tests: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "boardsmith-main-job-"));
  tests.provide("mainJob", folder);
  return () => rm(folder, { recursive: true, force: true });
}
