import type { Answer, Answers } from "./answers.js";
import { type Asker, BACK } from "./asker.js";
import { drawCard } from "./draw-card.js";
import { examine } from "./examine.js";
import type { Question } from "./question.js";
import { nextQuestion, objection, offers, path, presetOf, recipeOf } from "./walk.js";
import { whatWorks } from "./what-works.js";
import type { World } from "./world.js";

/** Where a dialogue stands: what was answered on the way here, and what was said before of what comes. */
export interface Standing {
  readonly answers: Answers;
  readonly former: Answers;
}

/**
 * Asks until everything is answered. `keep` gets the standing after each answer, so that nothing is lost.
 * `rest` gives the whole world; it may come while somebody thinks about the first question.
 */
export async function dialogue(
  asker: Asker,
  some: World,
  rest: () => Promise<World>,
  begin: Standing,
  keep: (standing: Standing) => Promise<void>,
): Promise<Standing> {
  let { answers, former } = begin;
  let world = Object.keys(answers).length === 0 ? some : await rest();
  for (let question = nextQuestion(answers, world); question; question = nextQuestion(answers, world)) {
    const answer = await asker.ask(asked(question, answers, former, world));
    world = await rest();
    if (answer === BACK) ({ answers, former } = oneBack({ answers, former }, world));
    else {
      answers = { ...answers, [question.id]: answer };
      former = { ...former, ...answers };
      await keep({ answers, former });
    }
  }
  return { answers, former };
}

/** Takes the last answer back, and remembers it. */
export function oneBack({ answers, former }: Standing, world: World): Standing {
  const last = path(answers, world)
    .filter(({ id }) => answers[id] !== undefined)
    .at(-1);
  if (last === undefined) return { answers, former };
  const { [last.id]: _, ...before } = answers;
  return { answers: before, former: { ...former, ...answers } };
}

/** As many of a draft's answers as still make a recipe, in their order. */
export function resumed(draft: Answers, world: World): Standing {
  let answers: Answers = {};
  for (let question = nextQuestion(answers, world); question; question = nextQuestion(answers, world)) {
    const said = draft[question.id];
    if (said === undefined || objection(question, said, answers, world) !== undefined) break;
    answers = { ...answers, [question.id]: said };
  }
  return { answers, former: draft };
}

function asked(question: Question, answers: Answers, former: Answers, world: World) {
  const { kind, message, help, free, showsCard } = question;
  const works = question.id === "board" ? whatWorks(world) : new Map<string, string>();
  const preset = presetOf(question, answers, world, former[question.id]);
  return {
    kind,
    message,
    ...(help === undefined ? {} : { help }),
    ...(free === undefined ? {} : { free }),
    preset,
    offers: offers(question, answers, world).map((offer) => {
      const more = works.get(offer.value);
      return more === undefined ? offer : { ...offer, about: `${offer.about}\n${more}` };
    }),
    objection: (answer: Answer) => objection(question, answer, answers, world),
    back: Object.keys(answers).length > 0,
    search: question.id === "board",
    ...(showsCard
      ? {
          picture: (answer: Answer | undefined) => {
            const said = answer === undefined ? answers : { ...answers, [question.id]: answer };
            const recipe = recipeOf(said, world);
            return drawCard(examine(recipe, world).layout);
          },
        }
      : {}),
  };
}
