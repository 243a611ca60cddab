import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { alive, ownerName, ownerOf, self } from "./owner.js";
import type { Scratch } from "./store.js";

const HEARTBEAT = 10_000;

/** One process' folder below tmp/, made on first use; its name says whose it is, so that others can clear it up. */
export function scratchRoom(root: string): (name: string) => Promise<Scratch> {
  let home: Promise<string> | undefined;
  let open = 0;
  let beat: NodeJS.Timeout | undefined;

  const enter = async (): Promise<string> => {
    const path = join(root, "tmp", ownerName(self()));
    await mkdir(path, { recursive: true });
    beat = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), HEARTBEAT);
    beat.unref();
    return path;
  };

  return async (name) => {
    open++;
    home ??= enter();
    const folder = await home;
    const path = join(folder, `${name.replace(/[^\w.-]+/g, "-")}-${randomBytes(4).toString("hex")}`);
    await mkdir(path);
    let gone = false;
    return {
      path,
      [Symbol.asyncDispose]: async () => {
        if (gone) return;
        gone = true;
        // What this user may not remove (a killed container's files) is left to the next sweep.
        await removeTree(path).catch(() => {});
        if (--open > 0) return;
        clearInterval(beat);
        home = undefined;
        await removeTree(folder).catch(() => {});
      },
    };
  };
}

/** Removes what dead processes left below tmp/; gives the folders that would not go and how many living ones there are. */
export async function sweep(root: string): Promise<{ readonly left: readonly string[]; readonly others: number }> {
  const left: string[] = [];
  let others = 0;
  const names = await readdir(join(root, "tmp")).catch(() => []);
  for (const name of names) {
    const path = join(root, "tmp", name);
    const owner = ownerOf(name);
    const seen = (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
    if (owner && alive(owner, seen)) {
      if (owner.pid !== self().pid || owner.place !== self().place) others++;
    } else {
      await removeTree(path).catch(() => left.push(path));
    }
  }
  return { left, others };
}

/** Retries: a container that is being killed may still drop a file in. */
const removeTree = (path: string): Promise<void> =>
  rm(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 });
