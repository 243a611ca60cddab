import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { HOME, type Options } from "./boardsmith.js";
import { Screen } from "./screen.js";

/** `./boardsmith …` on a terminal of its own, and the person in front of it. */
export interface Terminal {
  /** What stands on the screen now. */
  readonly screen: Screen;
  /** All that was ever written to it. */
  readonly written: string;
  /** Types keys as they are: `\r` is Enter, `\u0003` Ctrl-C. */
  type(keys: string): void;
  /** The same, no faster than a serial line takes them. */
  typeSlowly(keys: string): Promise<void>;
  /** Settles when the screen shows the pattern. Rejects with the screen when the program ends without, or when `patience` (ms, two minutes) is over. */
  shows(pattern: RegExp, patience?: number): Promise<void>;
  /** Gives the window another size. */
  resize(rows: number, columns: number): void;
  /** Exit code. */
  readonly ended: Promise<number | null>;
}

const ROWS = 40;
const COLUMNS = 100;
/** How long a person would look at a screen that does not change, ms. */
const PATIENCE = 120_000;

/** A serial driver drops what comes faster, ms. */
const KEY_INTERVAL = 30;

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** Starts it with `script`, which every Debian has. What still runs when the test is over is hung up on. */
export function terminal(
  args: readonly string[],
  options: Options & { readonly rows?: number; readonly columns?: number },
): Terminal {
  const { rows = ROWS, columns = COLUMNS } = options;
  const command = [join(HOME, "boardsmith"), ...args].map(quoted).join(" ");
  const device = join(mkdtempSync(join(tmpdir(), "boardsmith-terminal-")), "device");
  onTestFinished(() => rmSync(dirname(device), { recursive: true, force: true }));
  const begin = `stty rows ${rows} cols ${columns}; tty >${quoted(device)}; exec ${command}`;
  const child = spawn("script", ["-qefc", begin, "/dev/null"], {
    cwd: options.cwd,
    // A CI's environment would choose the plain view, as it should.
    env: { ...process.env, CI: undefined, TERM: "xterm", NO_COLOR: "1", LC_ALL: "C.UTF-8", ...options.env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGTERM"));
  let screen = new Screen(rows, columns);
  const watchers = new Set<() => void>();
  let written = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    written += text;
    screen.write(text);
    for (const watcher of watchers) watcher();
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const shows = (pattern: RegExp, wait = PATIENCE): Promise<void> =>
    new Promise((resolve, reject) => {
      const settle = (how: () => void) => {
        watchers.delete(look);
        clearTimeout(patience);
        how();
      };
      const look = () => {
        if (pattern.test(screen.text)) settle(resolve);
      };
      const fail = (why: string) =>
        settle(() => reject(new Error(`${why} before the screen showed ${pattern}:\n${screen.text}`)));
      const patience = setTimeout(() => fail(`${wait / 1000} s passed`), wait);
      watchers.add(look);
      look();
      ended.then((code) => fail(`it ended with ${code}`), reject);
    });
  return {
    get screen() {
      return screen;
    },
    resize: (rows, columns) => {
      // What was on the old one is the terminal's business; what is drawn from now on is the program's.
      screen = new Screen(rows, columns);
      const size = ["rows", String(rows), "cols", String(columns)];
      execFileSync("stty", ["-F", readFileSync(device, "utf8").trim(), ...size]);
    },
    get written() {
      return written;
    },
    type: (keys) => void child.stdin.write(keys),
    typeSlowly: async (keys) => {
      for (const key of keys) {
        child.stdin.write(key);
        await new Promise((resolve) => setTimeout(resolve, KEY_INTERVAL));
      }
    },
    shows,
    ended,
  };
}
