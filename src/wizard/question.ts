import type { Answer, Answers } from "./answers.js";
import type { Tree } from "./tree.js";
import type { World } from "./world.js";

/** Something that can be chosen. */
export interface Choice {
  readonly value: string;
  /** As it stands in the list. */
  readonly name: string;
  /** A sentence for whoever looks at it longer. */
  readonly about?: string;
}

/** A choice as it is offered; with a reason it is grey. */
export interface Offer extends Choice {
  readonly reason?: string;
}

/**
 * One question: data, and functions of the answers before it. Whether a choice can be taken is said by the rules that
 * check recipes, never here: `apply` makes the recipe with it, and that is judged.
 */
export interface Question {
  readonly id: string;
  /** With its question mark. */
  readonly message: string;
  /** A line or two below it. */
  readonly help?: string;
  /** one, several: of `choices`. text: a word. list: lines, one thing each. secret: a password, kept as its hash. */
  readonly kind: "one" | "several" | "text" | "list" | "secret";
  /** False where the answers before leave nothing to ask. */
  readonly asked?: (answers: Answers, world: World) => boolean;
  readonly choices?: (answers: Answers, world: World) => readonly Choice[];
  /** What may be said beside the choices, such as "a size such as 8GiB". */
  readonly free?: string;
  /** What is taken when nothing is said; of a question without, something has to be. */
  readonly preset?: (answers: Answers, world: World, recipe: Tree) => Answer | undefined;
  /** Why a word of the answer is not understood, or will not do though a recipe could say it. */
  readonly refuse?: (said: string, answers: Answers, world: World) => string | undefined;
  /** The recipe with this answered, before defaults. */
  readonly apply: (recipe: Tree, answer: Answer, answers: Answers, world: World) => Tree;
  /** Warnings of `boardsmith check` that are mistakes for somebody who is asked right here. */
  readonly insistsOn?: readonly string[];
  /** Shows the recipe's layout beside the question. */
  readonly showsCard?: boolean;
}
