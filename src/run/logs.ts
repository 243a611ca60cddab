import { createWriteStream, readFileSync, type WriteStream } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { concealText } from "../plan/conceal.js";
import { alive, type Owner, self } from "../store/owner.js";
import type { RunEvent } from "./events.js";

/** Where a run's events and each step's whole output are kept. */
export interface RunLogs {
  readonly folder: string;
  record(event: RunEvent): void;
  /** Adds a line to a step's log and gives it back with secrets blotted out. */
  line(step: string, line: string): string;
  path(step: string): string;
  /** Where a step may leave a file of its own beside its log. */
  kept(step: string, name: string): string;
  close(): Promise<void>;
}

/** File name of a step's log inside the run's folder. */
export function logName(step: string): string {
  return `${step.replace(/[^\w.-]+/g, "-")}.log`;
}

const OWNER = "owner.json";

/** Does the process that writes these logs still run? */
export function isRunning(folder: string): boolean {
  try {
    return alive(JSON.parse(readFileSync(join(folder, OWNER), "utf8")) as Owner, 0);
  } catch {
    return false;
  }
}

/** Opens the logs of a run in `folder`/RUN; a line that cannot be written does not stop the build. */
export async function openLogs(folder: string, run: string): Promise<RunLogs> {
  const home = join(folder, run);
  await mkdir(home, { recursive: true });
  await writeFile(join(home, OWNER), JSON.stringify(self()));
  const streams = new Map<string, WriteStream>();
  const stream = (name: string): WriteStream => {
    const known = streams.get(name);
    if (known) return known;
    const made = createWriteStream(join(home, name), { flags: "a" });
    made.on("error", () => {});
    streams.set(name, made);
    return made;
  };
  return {
    folder: home,
    record: (event) => void stream("events.ndjson").write(`${JSON.stringify(event)}\n`),
    line: (step, line) => {
      const clean = concealText(line);
      stream(logName(step)).write(`${clean}\n`);
      return clean;
    },
    path: (step) => join(home, logName(step)),
    kept: (step, name) => join(home, `${logName(step).replace(/\.log$/, "")}.${name}`),
    close: async () => {
      await Promise.all(
        [...streams.values()].map(
          (one) => new Promise<void>((resolve) => (one.destroyed ? resolve() : one.end(() => resolve()))),
        ),
      );
    },
  };
}

/** Writes a small file beside its place and moves it in. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.draft`;
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, path);
}
