import { spawn } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** boardsmith's own folder. */
export const HOME = fileURLToPath(new URL("../../", import.meta.url)).replace(/\/$/, "");

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running `./boardsmith …` whose output is being collected. */
export interface Running {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  readonly done: Promise<Ran>;
  /** Settles when the output so far matches. Rejects when the process ends without. */
  until(pattern: RegExp): Promise<void>;
}

export interface Options {
  readonly cwd: string;
  readonly env?: { readonly [name: string]: string | undefined };
}

/** Starts the launcher as a user's shell would, without a terminal. */
export function start(args: readonly string[], options: Options): Running {
  const child = spawn(join(HOME, "boardsmith"), args, {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: "1", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  const watchers = new Set<() => void>();
  const take = (kind: "out" | "err") => (data: Buffer) => {
    if (kind === "out") stdout += data;
    else stderr += data;
    for (const watcher of watchers) watcher();
  };
  child.stdout.on("data", take("out"));
  child.stderr.on("data", take("err"));
  const done = new Promise<Ran>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
  return {
    pid: child.pid ?? -1,
    kill: (signal) => void child.kill(signal),
    done,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!pattern.test(stdout + stderr)) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
        done.then(
          (ran) => reject(new Error(`ended with ${ran.code} before ${pattern}:\n${ran.stdout}${ran.stderr}`)),
          reject,
        );
      }),
  };
}

/** Runs the launcher to its end. */
export const boardsmith = (args: readonly string[], options: Options): Promise<Ran> => start(args, options).done;

export interface Project extends AsyncDisposable {
  readonly folder: string;
  /** Environment that keeps everything of this project inside it. */
  readonly env: { readonly [name: string]: string };
}

/**
 * A folder of its own with copies of the shipped recipes and an empty store, as a user's project would have them.
 * BOARDSMITH_TEST_STORE names a store to take instead, for those who run one test again and again.
 */
export async function project(): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), "boardsmith-test-"));
  await cp(join(HOME, "recipes"), join(folder, "recipes"), {
    recursive: true,
    filter: (path) => !path.endsWith(".lock.yaml"),
  });
  await cp(join(HOME, "kiwi"), join(folder, "kiwi"), { recursive: true });
  return {
    folder,
    env: {
      BOARDSMITH_STORE: process.env.BOARDSMITH_TEST_STORE ?? join(folder, "store"),
      XDG_CONFIG_HOME: join(folder, "config"),
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
