import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a finished build depended on and left behind, by size, time and inode as git's index does it. */
interface Record {
  readonly format: 1;
  /** boardsmith's own compile time and the store in use: another program or store is another build. */
  readonly program: string;
  readonly store: string;
  readonly files: { readonly [path: string]: string };
  /** Paths that were looked for first and were not there; one that appears would have been taken. */
  readonly absent: readonly string[];
  readonly report: string;
}

const QUIET = new Set(["-y", "--yes", "--plain", "--offline"]);

const recordPath = (cwd: string, name: string): string => join(cwd, "out", name, ".unchanged.json");

function mark(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? `${stat.size} ${stat.mtimeMs} ${stat.ino}` : "absent";
}

const programMark = (home: string): string => mark(join(home, "dist", ".stamp"));
const storeMark = (env: NodeJS.ProcessEnv): string => `${env.BOARDSMITH_STORE ?? ""} ${env.XDG_CACHE_HOME ?? ""}`;

/**
 * The report of the last build when nothing it read or wrote has changed since, else undefined.
 * Only for the plain `build NAME`: everything that asks for more goes the whole way.
 */
export function unchanged(
  argv: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  home: string,
): string | undefined {
  const [name, ...rest] = argv.slice(1);
  if (name === undefined || !/^[\w][\w.-]*$/.test(name) || rest.some((word) => !QUIET.has(word))) return undefined;
  try {
    const record = JSON.parse(readFileSync(recordPath(cwd, name), "utf8")) as Record;
    const same =
      record.format === 1 &&
      record.program === programMark(home) &&
      record.store === storeMark(env) &&
      record.absent.every((path) => statSync(path, { throwIfNoEntry: false }) === undefined) &&
      Object.entries(record.files).every(([path, was]) => mark(path) === was);
    return same ? record.report : undefined;
  } catch {
    return undefined;
  }
}

/** Remembers a finished build for `unchanged`. Too many files to look at quickly are not remembered at all. */
export function rememberUnchanged(build: {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly name: string;
  readonly files: readonly string[];
  readonly absent: readonly string[];
  readonly report: string;
}): void {
  if (build.files.length > 5000) return;
  const record: Record = {
    format: 1,
    program: programMark(build.home),
    store: storeMark(build.env),
    files: Object.fromEntries([...new Set(build.files)].map((path) => [path, mark(path)])),
    absent: build.absent,
    report: build.report,
  };
  writeFileSync(recordPath(build.cwd, build.name), JSON.stringify(record));
}
