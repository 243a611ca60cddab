import { constants, copyFile, mkdir, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { refuse } from "../diagnostic/failure.js";
import { canonical, sha256 } from "../util/canonical.js";
import { lock, sweepLocks } from "./lock.js";
import { intact, storeObject } from "./objects.js";
import { packTree } from "./pack.js";
import { lockPath, objectPath } from "./paths.js";
import { readResult, writeResult } from "./results.js";
import { type RunRecord, recordRun } from "./runs.js";
import { scratchRoom, sweep } from "./scratch.js";
import { withSpace } from "./space.js";
import type { Result, Store, StoredObject } from "./store.js";

/** A store as the runner has it. */
export interface OpenStore extends Store {
  /** Remembers which keys a run uses; gc keeps them. */
  recordRun(record: RunRecord): Promise<void>;
}

const TAG =
  "Signature: 8a477f597d28d172789f06886806bc55\n# A cache of boardsmith's; backups may leave it out. https://bford.info/cachedir/\n";

async function makeRoot(root: string): Promise<void> {
  try {
    await mkdir(root, { recursive: true, mode: 0o755 });
    await writeFile(join(root, "CACHEDIR.TAG"), TAG, { flag: "wx" });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && (await stat(root)).isDirectory()) return;
    if (code === "ENOSPC" || code === "EDQUOT") return;
    throw refuse(
      "store-unusable",
      `no store can be kept in ${root}: ${message}`,
      "name a folder of yours with --store or BOARDSMITH_STORE",
    );
  }
}

const changed = (path: string): Error =>
  refuse("changed-meanwhile", `${path} changed while it was being built`, "run the command again");

/**
 * Opens the store in a folder, making it when there is none, and clears up after processes that were killed.
 * A full disk is refused with the folder's name and what to do, by whichever method meets it.
 */
export async function openStore(folder: string): Promise<OpenStore> {
  const root = resolve(folder);
  await makeRoot(root);
  await sweep(root);
  await sweepLocks(join(root, "locks"));
  const room = scratchRoom(root);
  const scratch = (name: string) => withSpace(root, () => room(name));

  const find = async (key: string): Promise<Result | undefined> => {
    const result = await readResult(root, key);
    if (!result) return undefined;
    const whole = await Promise.all(Object.values(result.outputs).map((object) => intact(root, object)));
    return whole.every(Boolean) ? result : undefined;
  };

  const commit: Store["commit"] = (key, step, facts, outputs, seconds, tools) =>
    withSpace(root, async () => {
      const stored: Record<string, StoredObject> = {};
      for (const [name, { path, kind }] of Object.entries(outputs)) stored[name] = await storeObject(root, path, kind);
      const at = new Date().toISOString();
      const result = { key, step, facts, outputs: stored, seconds, at, ...(tools ? { tools } : {}) };
      await using drafts = await room("result");
      await writeResult(root, result, drafts.path);
      return result;
    });

  const importFile: Store["importFile"] = (path, digest) =>
    withSpace(root, async () => {
      const wanted = { digest, size: (await stat(path)).size, kind: "file" as const };
      if (await intact(root, wanted)) return wanted;
      await using drafts = await room("import");
      const draft = join(drafts.path, "file");
      await copyFile(path, draft, constants.COPYFILE_FICLONE);
      const object = await storeObject(root, draft, "file", digest);
      if (object.digest !== digest) throw changed(path);
      return object;
    });

  const importTree: Store["importTree"] = (path, digest) =>
    withSpace(root, async () => {
      // Which tar a tree became is remembered as a result of its own.
      const key = sha256(canonical({ tree: digest, tar: 1 }));
      const known = (await find(key))?.outputs.tar;
      if (known) return known;
      await using drafts = await room("import");
      const draft = join(drafts.path, "tar");
      if ((await packTree(path, draft)) !== digest) throw changed(path);
      const result = await commit(key, "import", { tree: digest }, { tar: { path: draft, kind: "file" } }, 0);
      const tar = result.outputs.tar;
      if (!tar) throw new Error("no tar");
      return tar;
    });

  return {
    root,
    find,
    commit,
    scratch,
    importFile,
    importTree,
    path: (object) => objectPath(root, object),
    cache: async (name) => {
      const path = join(root, "cache", name.replace(/[^\w.-]+/g, "-"));
      await withSpace(root, () => mkdir(path, { recursive: true }));
      return path;
    },
    lock: (name, onWait, signal) => withSpace(root, () => lock(lockPath(root, name), onWait, signal)),
    recordRun: (record) =>
      withSpace(root, async () => {
        await using drafts = await room("run");
        await recordRun(root, record, drafts.path);
      }),
  };
}
