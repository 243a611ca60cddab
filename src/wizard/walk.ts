import type { Answer, Answers } from "./answers.js";
import { examine } from "./examine.js";
import type { Offer, Question } from "./question.js";
import { QUESTIONS } from "./questions/all.js";
import type { Tree } from "./tree.js";
import type { World } from "./world.js";

/** The questions that these answers lead to, answered or not, up to the first that is not. */
export function path(answers: Answers, world: World): readonly Question[] {
  const taken: Question[] = [];
  let before: Answers = {};
  for (const question of QUESTIONS) {
    if (question.asked && !question.asked(before, world)) continue;
    taken.push(question);
    const answer = answers[question.id];
    if (answer === undefined) break;
    before = { ...before, [question.id]: answer };
  }
  return taken;
}

/** The first question without an answer; undefined when everything is answered. */
export function nextQuestion(answers: Answers, world: World): Question | undefined {
  const last = path(answers, world).at(-1);
  return last && answers[last.id] === undefined ? last : undefined;
}

/** The recipe that the answers make, with all it extends: each answer laid on what those before it made. */
export function recipeOf(answers: Answers, world: World): Tree {
  return path(answers, world).reduce<Tree>((recipe, question) => {
    const answer = answers[question.id];
    return answer === undefined ? recipe : question.apply(recipe, answer, answers, world);
  }, {});
}

/** What a question begins with: what was answered before it was gone back to, or its preset, if it will do. */
export function presetOf(question: Question, answers: Answers, world: World, former?: Answer): Answer | undefined {
  const preset = question.preset?.(answers, world, recipeOf(answers, world));
  const candidates = former === undefined ? [preset] : [former, preset];
  return candidates.find((one) => one !== undefined && objection(question, one, answers, world) === undefined);
}

/** The choices of a question, each with the reason why it cannot be taken, if there is one. */
export function offers(question: Question, answers: Answers, world: World): readonly Offer[] {
  return (question.choices?.(answers, world) ?? []).map((choice) => {
    const reason = against(question, question.kind === "one" ? choice.value : [choice.value], answers, world);
    return reason === undefined ? choice : { ...choice, reason };
  });
}

/** Why an answer cannot be taken, in the words of the rule it breaks; undefined when it can. */
export function objection(question: Question, answer: Answer, answers: Answers, world: World): string | undefined {
  const several = question.kind === "several" || question.kind === "list";
  if (several !== (typeof answer === "object")) return several ? "a list is wanted here" : "one word is wanted here";
  const said = typeof answer === "string" ? [answer] : answer;
  if (answer === "" && question.kind !== "secret") return "something has to be said here";
  for (const one of said) {
    const refused = one === "" ? undefined : question.refuse?.(one, answers, world);
    if (refused !== undefined) return refused;
  }
  const known = question.choices?.(answers, world);
  if (known && question.free === undefined) {
    const strange = said.find((one) => !known.some(({ value }) => value === one));
    if (strange !== undefined) {
      return `"${strange}" is none of the choices: ${known.map(({ value }) => value).join(", ")}`;
    }
  }
  return against(question, answer, answers, world);
}

/** What was found, by the answers it was found after. A choice is looked at when it is offered, and when it is taken. */
const known = new WeakMap<Answers, Map<string, string | undefined>>();

/** The first thing that `boardsmith check` would say against the recipe with this answer. */
function against(question: Question, answer: Answer, answers: Answers, world: World): string | undefined {
  const found = known.get(answers) ?? new Map<string, string | undefined>();
  known.set(answers, found);
  const key = JSON.stringify([question.id, answer]);
  if (found.has(key)) return found.get(key);
  const recipe = recipeOf({ ...answers, [question.id]: answer }, world);
  const insists = question.insistsOn ?? [];
  const { diagnostics } = examine(recipe, world);
  const mistake = diagnostics.find(({ severity, code }) => severity === "error" || insists.includes(code));
  const reason = mistake && (mistake.help === undefined ? mistake.message : `${mistake.message} (${mistake.help})`);
  found.set(key, reason);
  return reason;
}
