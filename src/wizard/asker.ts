import type { Answer } from "./answers.js";
import type { Offer, Question } from "./question.js";

/** A question as it is put to somebody: nothing in it has to be worked out any more. */
export interface Asked extends Pick<Question, "kind" | "message" | "help" | "free"> {
  readonly offers: readonly Offer[];
  /** What Enter alone says. */
  readonly preset?: Answer | undefined;
  /** Lines to look at while answering; of a list, with the lines so far. */
  picture?(answer: Answer | undefined): readonly string[];
  /** Why an answer will not do. */
  objection(answer: Answer): string | undefined;
  /** Whether there is a question to go back to. */
  readonly back: boolean;
  /** Whether the choices are many enough to be searched. */
  readonly search?: boolean;
}

/** Back to the question before. */
export const BACK = Symbol("back");

/** Somebody left, by Ctrl-C or by hanging up. */
export class Left extends Error {}

/** The person at the terminal. */
export interface Asker {
  ask(asked: Asked): Promise<Answer | typeof BACK>;
  say(text: string): void;
}
