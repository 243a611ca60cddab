import type { LockPlace } from "../lock/script.js";
import { runLockScript } from "../lock/script.js";
import type { Assets } from "../plan/step.js";
import { FETCH } from "../steps/tools.js";
import { type Mirror, mirrorLines } from "../util/mirror.js";
import { type Answer, gone } from "./answer.js";

/** What only a container with the right tools can ask. */
export interface EnginePlace extends LockPlace {
  readonly assets: Assets;
  readonly mirrors: readonly Mirror[];
  /** Milliseconds for one answer. */
  readonly timeout: number;
}

/** Asks the distribution's archive for files; an answer for each path, and for the archive itself under "". */
export async function askArchive(paths: readonly string[], place: EnginePlace): Promise<ReadonlyMap<string, Answer>> {
  const { assets, mirrors, timeout } = place;
  const { output } = await runLockScript(place, {
    name: "archive",
    script: [assets.script("archive"), assets.text("steps/ask-archive.sh")].join("\n"),
    env: {
      BASE_SUITE: FETCH.base.suite,
      SUITE: FETCH.base.suite,
      PATIENCE: seconds(timeout),
      MIRRORS: mirrorLines(mirrors),
    },
    inputs: { paths: paths.map((path) => `${path}\n`).join("") },
  });
  const found = new Set(((await output("found")) ?? "").split("\n"));
  const answers = found.has("archive");
  const of = (path: string): Answer =>
    !answers
      ? gone("the distribution's archive does not answer")
      : found.has(path)
        ? { kind: "there" }
        : gone("the distribution's archive has it no more");
  return new Map([["", answers ? { kind: "there" } : of("")], ...paths.map((path) => [path, of(path)] as const)]);
}

/** Asks git servers that speak another protocol than HTTP; answers in the order of the questions. */
export async function askOtherGit(
  questions: readonly { readonly url: string; readonly ref?: string }[],
  place: EnginePlace,
): Promise<readonly Answer[]> {
  const { assets, timeout } = place;
  const { output } = await runLockScript(place, {
    name: "git",
    script: [assets.text("steps/lib.sh"), assets.text("steps/ask-git.sh")].join("\n"),
    env: { PATIENCE: seconds(timeout) },
    inputs: { refs: questions.map(({ url, ref }, number) => `${number} ${ref ?? "-"} ${url}\n`).join("") },
  });
  const lines = ((await output("found")) ?? "").split("\n").map((line) => /^(\d+) (there|gone)(?: (.*))?$/.exec(line));
  return questions.map((_, number) => {
    const line = lines.find((match) => match?.[1] === String(number));
    return line?.[2] === "there" ? { kind: "there" } : gone(line?.[3] ?? "it cannot be reached");
  });
}

function seconds(timeout: number): string {
  return String(Math.max(1, Math.ceil(timeout / 1000)));
}
