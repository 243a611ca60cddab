import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as later } from "node:timers/promises";
import { promisify } from "node:util";
import { inject } from "vitest";
import { boardsmith, type Project, project } from "./boardsmith.js";

/*
 * The kernel is compiled once for all test files. The one that tests the main job makes everything from an empty store and
 * leaves a copy of it; the files whose tests begin behind that wait for the copy, and make their own where nobody makes one.
 */

const underWay = () => join(inject("mainJob"), "under-way");
const kept = () => join(inject("mainJob"), "store");

/** Objects are copied, not linked: a test may damage its own. */
const copied = (from: string, to: string) => promisify(execFile)("cp", ["-a", "--sparse=always", from, to]);

/** Says that this file makes the main job's store. `leave` gives it to the others; without it, they are let go on. */
export async function makesMainJob(place: Project): Promise<{ leave(): Promise<void> } & AsyncDisposable> {
  await writeFile(underWay(), "");
  return {
    async leave() {
      if (process.env["BOARDSMITH_TEST_STORE"]) return;
      await copied(place.env["BOARDSMITH_STORE"] as string, `${kept()}.part`);
      await rename(`${kept()}.part`, kept());
    },
    [Symbol.asyncDispose]: () => rm(underWay(), { force: true }),
  };
}

/** A project in whose store the sources, kernel, U-Boot and root filesystem of `cubieboard` are. */
export async function afterMainJob(): Promise<Project> {
  const place = await project();
  if (process.env["BOARDSMITH_TEST_STORE"]) return place;
  while (!existsSync(kept()) && existsSync(underWay())) await later(1000);
  if (existsSync(kept())) {
    await copied(kept(), place.env["BOARDSMITH_STORE"] as string);
    return place;
  }
  const build = ["build", "cubieboard", "--no-boot", "--yes", "--plain"];
  const ran = await boardsmith(build, { cwd: place.folder, env: place.env });
  if (ran.code !== 0) throw new Error(`${ran.stdout.slice(-8000)}${ran.stderr}`);
  return place;
}
