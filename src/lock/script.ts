import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { Refused, StepFailed } from "../diagnostic/failure.js";
import { diagnosticLine } from "../diagnostic/line.js";
import type { Engine } from "../engine/engine.js";
import type { ToolImage } from "../plan/step.js";
import { FETCH } from "../steps/tools.js";
import type { Store } from "../store/store.js";

/** What locking works with. */
export interface LockPlace {
  /** Found, and started when need be, on first use only. */
  readonly engine: () => Promise<Engine>;
  readonly store: Store;
  readonly signal: AbortSignal;
  /** A line for people: what is asked, what was passed over. */
  say(line: string): void;
}

/**
 * Runs a lock script in the fetch image or another on the host's network, with its inputs at /in/NAME, and gives its outputs' texts
 * and what it found wrong. Throws Refused when it could not go on because of that.
 */
export async function runLockScript(
  place: LockPlace,
  job: {
    readonly name: string;
    readonly script: string;
    readonly env: { readonly [name: string]: string };
    readonly inputs?: { readonly [name: string]: string };
    /** Files of the user's, likewise at /in/NAME. */
    readonly files?: { readonly [name: string]: string };
    readonly tool?: ToolImage;
  },
): Promise<{ readonly diagnostics: readonly Diagnostic[]; output(name: string): Promise<string | undefined> }> {
  const engine = await place.engine();
  const tool = job.tool ?? FETCH;
  await engine.ensureTool(tool, place.say, place.signal);
  await using scratch = await place.store.scratch(`lock-${job.name}`);
  const out = join(scratch.path, "out");
  await mkdir(out);
  const inputs = Object.entries({ ...job.inputs, step: job.script });
  for (const [name, text] of inputs) await writeFile(join(scratch.path, name), text);

  const diagnostics: Diagnostic[] = [];
  const last: string[] = [];
  const exitCode = await engine.run({
    name: `lock-${job.name}`,
    tool,
    // Outputs go to whoever owns their folder, so that a user who is not root can remove them.
    argv: [
      "sh",
      "-c",
      'mkdir -p /work && cd /work && sh -eu /step.sh; code=$?; chown -R "$(stat -c %u:%g /out)" /out || true; exit $code',
    ],
    env: { LC_ALL: "C.UTF-8", ...job.env },
    mounts: [
      ...inputs.map(([name]) => ({
        source: join(scratch.path, name),
        target: name === "step" ? "/step.sh" : `/in/${name}`,
        readOnly: true,
      })),
      ...Object.entries(job.files ?? {}).map(([name, source]) => ({ source, target: `/in/${name}`, readOnly: true })),
      { source: out, target: "/out", readOnly: false },
    ],
    network: "host",
    caps: [],
    signal: place.signal,
    onLine: (line) => {
      const finding = diagnosticLine(line);
      if (finding) diagnostics.push(finding);
      else if (line.startsWith("note: ")) place.say(line);
      else last.push(line);
    },
  });
  if (exitCode !== 0) {
    if (diagnostics.length > 0) throw new Refused(diagnostics);
    throw new StepFailed(`lock-${job.name}`, `its script ended with exit code ${exitCode}`, {
      exitCode,
      lastLines: last.slice(-20),
    });
  }
  const texts = new Map<string, Promise<string | undefined>>();
  const output = (name: string) => readFile(join(out, name), "utf8").catch(() => undefined);
  for (const name of ["commits", "found", "packages", "problem", "names"]) texts.set(name, output(name));
  await Promise.all(texts.values());
  return { diagnostics, output: async (name) => texts.get(name) };
}
