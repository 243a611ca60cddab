import type { Answer, Answers } from "./answers.js";
import { type Asker, BACK } from "./asker.js";
import { drawCard } from "./draw-card.js";
import { examine } from "./examine.js";
import type { Offer, Question } from "./question.js";
import { board } from "./questions/board.js";
import { nextQuestion, objection, offers, path, presetOf, recipeOf } from "./walk.js";
import { whatWorks } from "./what-works.js";
import type { World } from "./world.js";

/** Where a dialogue stands: what was answered on the way here, and what was said before of what comes. */
export interface Standing {
  readonly answers: Answers;
  readonly former: Answers;
}

/** What a dialogue needs beside the person. */
export interface Setting {
  readonly world: World;
  /** Gets the standing after each answer, so that nothing is lost. */
  keep(standing: Standing): Promise<void>;
}

/** Asks until everything is answered. */
export async function dialogue(asker: Asker, setting: Setting, begin: Standing): Promise<Standing> {
  let { answers, former } = begin;
  const { world } = setting;
  for (let question = nextQuestion(answers, world); question; question = nextQuestion(answers, world)) {
    const answer = await asker.ask(asked(question, answers, former, world));
    if (answer === BACK) ({ answers, former } = oneBack({ answers, former }, world));
    else {
      answers = { ...answers, [question.id]: answer };
      former = { ...former, ...answers };
      await setting.keep({ answers, former });
    }
  }
  return { answers, former };
}

/** The choices of the first question, with what works on each board. */
export function firstOffers(world: World): readonly Offer[] {
  const works = whatWorks(world);
  return offers(board, {}, world).map((offer) => ({ ...offer, about: `${offer.about}\n${works.get(offer.value)}` }));
}

/**
 * Goes through the questions once with their presets, so that the rules have run before somebody waits for them: code that
 * runs for the first time is compiled first. Keys get their turn between two questions.
 */
export async function rehearse(world: World): Promise<void> {
  let answers: Answers = { [board.id]: world.boards[0]?.name ?? "" };
  for (let question = nextQuestion(answers, world); question; question = nextQuestion(answers, world)) {
    await new Promise((resolve) => setImmediate(resolve));
    const [open] = offers(question, answers, world).filter(({ reason }) => reason === undefined);
    const said = presetOf(question, answers, world) ?? open?.value;
    if (said === undefined) return;
    answers = { ...answers, [question.id]: said };
  }
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

/** As many answers of before as still make a recipe, in their order. */
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
  const preset = presetOf(question, answers, world, former[question.id]);
  return {
    kind,
    message,
    ...(help === undefined ? {} : { help }),
    ...(free === undefined ? {} : { free }),
    preset,
    offers: question === board ? firstOffers(world) : offers(question, answers, world),
    objection: (answer: Answer) => objection(question, answer, answers, world),
    back: Object.keys(answers).length > 0,
    search: question === board,
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
