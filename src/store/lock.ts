import { randomBytes } from "node:crypto";
import { link, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { alive, type Owner, self } from "./owner.js";

/** What a lock file says. `nonce` tells this holding from every other. */
interface Holder extends Owner {
  readonly nonce: string;
  readonly since: string;
}

const POLL = 150;
const HEARTBEAT = 10_000;

/**
 * Takes the lock file at `path`, waiting while a living process holds it; `onWait` hears once whom it waits for.
 * Works across processes on any file system with hard links. A holder that died is taken over.
 * Rejects with the signal's reason when aborted.
 */
export async function lock(
  path: string,
  onWait: (holder: string) => void,
  signal: AbortSignal,
): Promise<AsyncDisposable> {
  await mkdir(dirname(path), { recursive: true });
  const me: Holder = { ...self(), nonce: randomBytes(8).toString("hex"), since: new Date().toISOString() };
  for (let told = false; ; ) {
    signal.throwIfAborted();
    const other = await tryLock(path, me);
    if (!other) break;
    if (!told) onWait(`boardsmith (pid ${other.pid}, since ${other.since})`);
    told = true;
    await sleep(POLL, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
  // Others that cannot see our pid (another container on this folder) go by the file's time.
  const beat = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), HEARTBEAT);
  beat.unref();
  return {
    [Symbol.asyncDispose]: async () => {
      clearInterval(beat);
      if ((await holderOf(path))?.holder.nonce === me.nonce) await rm(path, { force: true });
    },
  };
}

/** Takes the lock if it is free or its holder dead; gives the living holder otherwise. */
async function tryLock(path: string, me: Holder): Promise<Holder | undefined> {
  const mine = `${path}~${me.nonce}`;
  await writeFile(mine, JSON.stringify(me));
  try {
    for (;;) {
      // link(2) makes the file appear whole or not at all, and fails when there is one.
      const taken = await link(mine, path).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === "EEXIST") return false;
          throw error;
        },
      );
      if (taken) return undefined;
      const found = await holderOf(path);
      if (!found) continue;
      if (alive(found.holder, found.seen)) return found.holder;
      // Only one of several that see a dead holder may replace it: they settle that with a lock of its own.
      const guard = `${path}.${found.holder.nonce}`;
      const rival = await tryLock(guard, { ...me, nonce: randomBytes(8).toString("hex") });
      if (rival) return rival;
      try {
        if ((await holderOf(path))?.holder.nonce !== found.holder.nonce) continue;
        await rename(mine, path);
        return undefined;
      } finally {
        await rm(guard, { force: true });
      }
    }
  } finally {
    await rm(mine, { force: true });
  }
}

async function holderOf(path: string): Promise<{ readonly holder: Holder; readonly seen: number } | undefined> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, "utf8"), stat(path)]);
    return { holder: JSON.parse(text) as Holder, seen: mtimeMs };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    // Not JSON: a crash of the whole machine left it empty. Whoever wrote it is gone.
    if (error instanceof SyntaxError)
      return { holder: { pid: 0, start: "-", place: self().place, nonce: "torn", since: "" }, seen: 0 };
    throw error;
  }
}

/** Clears away the locks of dead processes, and what they left half made. */
export async function sweepLocks(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const found = await holderOf(path);
    if (!found || alive(found.holder, found.seen)) continue;
    if (name.includes("~")) await rm(path, { force: true });
    // By way of taking it, so that nobody who takes it over at this moment loses it.
    else if (!(await tryLock(path, { ...self(), nonce: randomBytes(8).toString("hex"), since: "" })))
      await rm(path, { force: true });
  }
}
