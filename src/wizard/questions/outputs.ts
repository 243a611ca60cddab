import { word } from "../answers.js";
import type { Question } from "../question.js";
import { withValue } from "../tree.js";

export const outputs: Question = {
  id: "outputs",
  message: "Which compressed copies, beside the image and its bmap?",
  kind: "several",
  choices: () => [
    { value: "xz", name: "xz", about: "the smallest" },
    { value: "zst", name: "zst", about: "the quickest to make and to flash from" },
  ],
  preset: () => [],
  apply: (recipe, answer) => (answer.length === 0 ? recipe : withValue(recipe, ["image", "compress"], [...answer])),
};

const NAME = /^[a-z0-9][a-z0-9._-]*$/;

export const name: Question = {
  id: "name",
  message: "What is the recipe called?",
  help: "It goes into recipes/NAME.yaml, and its image into out/NAME/.",
  kind: "text",
  preset: (answers) => `my-${word(answers, "board")}-${word(answers, "purpose")}`,
  refuse: (said) => {
    if (/\.(ya?ml|lock)$/.test(said)) return "leave the ending out";
    return NAME.test(said) ? undefined : `"${said}" is no name of lower-case letters, digits, dots and dashes`;
  },
  // A name is the file's, and no key of the recipe.
  apply: (recipe) => recipe,
};
