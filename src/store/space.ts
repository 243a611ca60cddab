import { statfs } from "node:fs/promises";
import { Refused, refuse } from "../diagnostic/failure.js";
import { formatSize } from "../util/size.js";

const FULL = new Set(["ENOSPC", "EDQUOT"]);

/** Free bytes for this user on a folder's file system; undefined when that cannot be told. */
export async function freeSpace(folder: string): Promise<number | undefined> {
  const stat = await statfs(folder).catch(() => undefined);
  return stat && stat.bavail * stat.bsize;
}

/** The refusal for a full store. */
export async function storeFull(root: string): Promise<Refused> {
  const free = await freeSpace(root);
  return refuse(
    "store-full",
    `no space left in the store ${root}${free === undefined ? "" : ` (${formatSize(free)} free)`}`,
    'free some with "boardsmith store gc", or put the store elsewhere with --store or BOARDSMITH_STORE; the build then goes on where it was',
  );
}

/** Turns "no space left on device" of any cause into a refusal that names the store; other errors stay as they are. */
export async function explainSpace(root: string, error: unknown): Promise<unknown> {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (FULL.has((cause as NodeJS.ErrnoException).code ?? "")) return storeFull(root);
  }
  return error;
}

/** Runs an action on the store with that translation. */
export async function withSpace<T>(root: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw error instanceof Refused ? error : await explainSpace(root, error);
  }
}
