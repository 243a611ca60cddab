import { constants, copyFile, mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { StepFailed } from "../diagnostic/failure.js";
import { digestFile } from "../store/digest.js";
import { type Mirror, rewrite } from "../util/mirror.js";
import { download, fetchWhole, PACE, type Pace } from "./download.js";
import { downloadFailure } from "./download-failure.js";
import type { Op, OpRun } from "./op.js";

interface Args {
  readonly name: string;
  readonly urls: readonly string[];
  readonly sha256: string;
  /** URL of a detached signature; then `key-N` inputs and the script `verify` are there. */
  readonly signature?: string;
}

interface Transient {
  readonly mirrors?: readonly Mirror[];
  readonly pace?: Partial<Pace>;
}

/**
 * Fetches a file known by its SHA-256 over HTTP. What was fetched before an interruption is kept in the store's cache and
 * gone on with; one process at a time fetches a file. An object of that digest in the store is taken as it is.
 */
export const fetchHttp: Op = async (run) => {
  const args = run.args as unknown as Args;
  const { mirrors = [], pace = {} } = (run.transient ?? {}) as unknown as Transient;
  const folder = await run.store.cache("http");
  await using _ = await run.store.lock(
    `http-${args.sha256}`,
    (holder) => run.log(`waiting for ${holder}, which fetches this file`),
    run.signal,
  );
  const partial = join(folder, args.sha256);
  if (!(await takeStored(run, args.sha256, partial))) {
    const urls = args.urls.map((url) => rewrite(url, mirrors));
    const log = (line: string) => run.log(line);
    const failures = await download(urls, args.sha256, partial, {
      signal: run.signal,
      pace: { ...PACE, ...pace },
      log,
    });
    if (failures) {
      const diagnostic = downloadFailure(`source "${args.name}"`, args.sha256, failures);
      throw new StepFailed(run.stepId, diagnostic.message, { diagnostics: [diagnostic] });
    }
  }
  if (args.signature !== undefined)
    await checkSignature(run, args, args.signature, partial, { mirrors, pace: { ...PACE, ...pace } });
  await move(partial, run.out("source"));
};

/** The file may be in the store already, from another recipe or under other signing keys. */
async function takeStored(run: OpRun, sha256: string, partial: string): Promise<boolean> {
  const stored = run.store.path({ digest: sha256, size: 0, kind: "file" });
  if (!(await stat(stored).catch(() => undefined))) return false;
  await rm(partial, { force: true });
  await copyFile(stored, partial, constants.COPYFILE_FICLONE);
  if ((await digestFile(partial)) === sha256) return true;
  await rm(partial, { force: true });
  return false;
}

async function checkSignature(
  run: OpRun,
  args: Args,
  url: string,
  file: string,
  { mirrors, pace }: { readonly mirrors: readonly Mirror[]; readonly pace: Pace },
): Promise<void> {
  const signature = join(run.scratch, "signature");
  const from = rewrite(url, mirrors);
  const reason = await fetchWhole(from, signature, { signal: run.signal, pace, log: (line) => run.log(line) });
  if (reason !== undefined) {
    const diagnostic = downloadFailure(`the signature of source "${args.name}"`, args.sha256, [{ url: from, reason }]);
    throw new StepFailed(run.stepId, diagnostic.message, { diagnostics: [diagnostic] });
  }
  const [tool] = run.tools;
  if (tool === undefined) throw new Error("no tool image to check signatures in");
  const out = join(run.scratch, "verdict");
  await mkdir(out);
  const keys = Object.entries(run.inputs).filter(([name]) => name.startsWith("key-"));
  await run.container("verify", {
    tool,
    env: {},
    mounts: [
      { source: file, target: "/in/file", readOnly: true },
      { source: signature, target: "/in/signature", readOnly: true },
      ...keys.map(([name, source]) => ({ source, target: `/in/${name}`, readOnly: true })),
      { source: out, target: "/out", readOnly: false },
    ],
  });
  const verdict = (await readFile(join(out, "verdict"), "utf8")).trim();
  if (verdict.startsWith("good ")) return run.log(`good signature by ${verdict.slice(5)}`);
  const message = `source "${args.name}": the file that ${from} signs ${verdict}`;
  throw new StepFailed(run.stepId, message, {
    diagnostics: [
      {
        severity: "error",
        code: "signature-not-trusted",
        message,
        help: "check with the project who signs its files; `keys:` of the source lists whom you trust",
      },
    ],
  });
}

/** Cache and output are on one file system as a rule; where they are not, a copy does it. */
async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
    await copyFile(from, to);
    await rm(from);
  }
}
