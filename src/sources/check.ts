import { rewrite } from "../util/mirror.js";
import type { Answer } from "./answer.js";
import { askArchive, askOtherGit, type EnginePlace } from "./ask-engine.js";
import { askFile, askGit, askRepository, type Patience } from "./ask-web.js";
import { Hosts } from "./hosts.js";
import { type Place, type Verdict, verdictOn } from "./verdict.js";
import type { Question, Wanted } from "./wanted.js";

/** How the asking is done. */
export interface Asking extends Omit<EnginePlace, "engine"> {
  /** One that answers and has the fetch tool; undefined: what needs one is not asked. */
  readonly engine: EnginePlace["engine"] | undefined;
}

/** Asks every place of everything that is wanted, many at once, and judges each. A question that several share is asked once. */
export async function checkSources(
  all: readonly { readonly wanted: Wanted; readonly stored: boolean }[],
  asking: Asking,
): Promise<readonly Verdict[]> {
  const answer = answering(
    all.flatMap(({ wanted }) => wanted.files.flat()),
    asking,
  );
  return Promise.all(
    all.map(async ({ wanted, stored }) => {
      const files = await Promise.all(wanted.files.map((places) => Promise.all(places.map(answer))));
      return verdictOn(wanted, files, stored);
    }),
  );
}

/** A function that gives each of these questions its answer; what only an engine can ask is asked in one go. */
function answering(questions: readonly Question[], asking: Asking): (question: Question) => Promise<Place> {
  const { mirrors, engine, timeout, signal } = asking;
  const patience: Patience = { timeout, signal };
  const hosts = new Hosts(signal);
  const web = new Map<string, Promise<Answer>>();
  const archive = questions.flatMap((one) => (one.kind === "archive" ? [one.path ?? ""] : []));
  const others = questions.flatMap((one) => (one.kind === "git" && !isWeb(rewrite(one.url, mirrors)) ? [one] : []));
  const place = engine && { ...asking, engine };
  // Begun at once, so that the container runs while the web is asked.
  const archived = place && archive.length > 0 ? askArchive([...new Set(archive)].filter(Boolean), place) : undefined;
  const gits =
    place && others.length > 0
      ? askOtherGit(
          others.map((one) => ({ ...one, url: rewrite(one.url, mirrors) })),
          place,
        )
      : undefined;
  for (const promise of [archived, gits]) promise?.catch(() => {});

  const overWeb = (question: Exclude<Question, { kind: "archive" }>, url: string): Promise<Answer> => {
    const key = JSON.stringify([question.kind, url, question]);
    const asked =
      web.get(key) ??
      hosts.ask(url, () =>
        question.kind === "file"
          ? askFile(url, question.size, patience)
          : question.kind === "git"
            ? askGit(url, question.ref, patience)
            : askRepository(url, patience),
      );
    web.set(key, asked);
    return asked;
  };

  return async (question) => {
    if (question.kind === "archive") {
      const answer = (await archived)?.get(question.path ?? "") ?? NEEDS_ENGINE;
      return { url: question.path ?? "the distribution's archive", answer };
    }
    const url = rewrite(question.url, mirrors);
    const where = { url: question.url, ...(url === question.url ? {} : { mirror: url }) };
    if (isWeb(url)) return { ...where, answer: await overWeb(question, url) };
    if (question.kind !== "git") return { ...where, answer: { kind: "gone", reason: "no http or https URL" } };
    const said = (await gits)?.[others.indexOf(question)];
    return { ...where, answer: said ?? { kind: "unasked", reason: notWeb(url) } };
  };
}

const NEEDS_ENGINE: Answer = {
  kind: "unasked",
  reason: "the distribution's archive cannot be asked without an engine that has the fetch tool",
};

function notWeb(url: string): string {
  const protocol = /^([a-z][a-z0-9+.-]*):\/\//.exec(url)?.[1] ?? "ssh";
  return `${protocol} protocol: cannot be asked without an engine that has the fetch tool`;
}

function isWeb(url: string): boolean {
  return /^https?:\/\//.test(url);
}
