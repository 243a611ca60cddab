import { scalars } from "../../diagnostic/placed.js";
import { type Check, wrong } from "./check.js";

/** Refuses what looks like a template: recipes are plain data, so that every error can point at its line. */
export const checkTemplates: Check = (root) =>
  [...scalars(root)].flatMap(({ path, scalar }) => {
    // Checks of the proof are shell text, in which ${…} has a meaning.
    if (path[0] === "proof" || typeof scalar.value !== "string") return [];
    const mark = ["{{", "${"].find((text) => String(scalar.value).includes(text));
    if (mark === undefined) return [];
    return [
      wrong(
        "template",
        `"${mark}" looks like a template, and recipes have none`,
        scalar.at,
        "recipes are plain data so that every mistake can be shown in its line; share values with `extends:`",
      ),
    ];
  });
