/** What somebody answered: a word, or several. */
export type Answer = string | readonly string[];

/** Answers by the id of their question, in the order they were given. */
export type Answers = { readonly [id: string]: Answer };

/** The answer to a question, when it is one word. */
export function word(answers: Answers, id: string): string | undefined {
  const answer = answers[id];
  return typeof answer === "string" ? answer : undefined;
}
