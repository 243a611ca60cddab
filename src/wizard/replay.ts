import type { Diagnostic, Location } from "../diagnostic/diagnostic.js";
import { find, keyOf, type Placed } from "../diagnostic/placed.js";
import { didYouMean } from "../diagnostic/suggest.js";
import { shown } from "../diagnostic/validate.js";
import { parseYaml } from "../diagnostic/yaml.js";
import type { Answer, Answers } from "./answers.js";
import type { Question } from "./question.js";
import { QUESTIONS } from "./questions/all.js";
import { nextQuestion, objection, offers, presetOf } from "./walk.js";
import type { World } from "./world.js";

/** Answers from a file, or every reason why they do not make a recipe. */
export interface Replayed {
  readonly answers?: Answers;
  readonly diagnostics: readonly Diagnostic[];
}

/** Answers as a file has them, by question; not held against anything yet. */
export function readAnswers(
  file: string,
  text: string,
): { readonly root?: Placed; readonly diagnostics: readonly Diagnostic[] } {
  const { root, diagnostics } = parseYaml(file, text);
  if (root === undefined || root.kind === "map") return { ...(root ? { root } : {}), diagnostics };
  return {
    diagnostics: [...diagnostics, wrong("wrong-type", "answers are a map of keys, one for each question", root.at)],
  };
}

/** Gives the answers of a file to the questions in their order; what the file leaves out is answered by its preset. */
export function replay(file: string, text: string, world: World): Replayed {
  const { root, diagnostics: unread } = readAnswers(file, text);
  if (root?.kind !== "map") return { diagnostics: unread };
  const ids = QUESTIONS.map(({ id }) => id);
  const strange = [...root.entries].flatMap(([name, { key }]) =>
    ids.includes(name) ? [] : [wrong("unknown-answer", `no question is called "${name}"`, key, didYouMean(name, ids))],
  );
  const diagnostics: Diagnostic[] = [...unread, ...strange];
  let answers: Answers = {};
  for (let question = nextQuestion(answers, world); question; question = nextQuestion(answers, world)) {
    const said = find(root, question.id);
    const taken = said === undefined ? presetOf(question, answers, world) : answerOf(said, question);
    if (taken === undefined) {
      // What follows depends on this answer, so that nothing can be said of it.
      return {
        diagnostics: [...diagnostics, said ? misshapen(question, said) : missing(question, answers, world, root)],
      };
    }
    const mistake = said && objection(question, taken, answers, world);
    if (said && mistake !== undefined) {
      return { diagnostics: [...diagnostics, impossible(question, said, mistake, answers, world)] };
    }
    answers = { ...answers, [question.id]: taken };
  }
  const idle = [...root.entries].flatMap(([name, { key }]) =>
    ids.includes(name) && answers[name] === undefined
      ? [wrong("unasked-answer", `after these answers, nobody asks for "${name}"`, key, "leave it out")]
      : [],
  );
  const all = [...diagnostics, ...idle];
  return all.length > 0 ? { diagnostics: all } : { answers, diagnostics: [] };
}

/** A value as the answer to a question of that kind; a list of one may be written without its brackets. */
export function answerOf(value: Placed, { kind }: Question): Answer | undefined {
  const several = kind === "several" || kind === "list";
  const values = value.kind === "list" ? value.values : [value];
  const said = values.flatMap((one) => (one.kind === "scalar" && one.value !== null ? [one.source] : []));
  if (said.length !== values.length || (value.kind === "list" && !several)) return undefined;
  return several ? said : said[0];
}

function missing(question: Question, answers: Answers, world: World, root: Placed): Diagnostic {
  return wrong(
    "missing-answer",
    `"${question.id}" has to be answered: ${question.message}`,
    root.at,
    possible(question, answers, world),
  );
}

function misshapen({ id, kind }: Question, said: Placed): Diagnostic {
  const wanted = kind === "several" || kind === "list" ? "a list of texts" : "a text";
  return wrong("wrong-type", `"${id}" wants ${wanted}, got ${shown(said)}`, keyOf(said, []));
}

function impossible(question: Question, said: Placed, mistake: string, answers: Answers, world: World): Diagnostic {
  const at = question.kind === "secret" ? blotted(said.at) : said.at;
  return wrong("impossible-answer", `${question.id}: ${mistake}`, at, possible(question, answers, world));
}

/** What could be said instead. */
function possible(question: Question, answers: Answers, world: World): string | undefined {
  const open = offers(question, answers, world).flatMap(({ value, reason }) => (reason === undefined ? [value] : []));
  if (question.id === "ssh-keys" || (open.length === 0 && question.free === undefined)) return undefined;
  return `possible: ${[...open, ...(question.free ? [question.free] : [])].join(", ")}`;
}

/** A password in clear text must not reach a log by way of a squiggle. */
function blotted(at: Location): Location {
  const letters = [...(at.text ?? "")];
  return {
    ...at,
    text: letters.map((one, i) => (i >= at.column - 1 && i < at.column - 1 + at.length ? "*" : one)).join(""),
  };
}

function wrong(code: string, message: string, at: Location, help?: string): Diagnostic {
  return { severity: "error", code, message, at, ...(help === undefined ? {} : { help }) };
}
