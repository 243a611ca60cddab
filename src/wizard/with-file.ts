import type { Files } from "../diagnostic/files.js";

/** Files in which one more stands, or another text of one: a recipe is checked before it is written. */
export function withFile(files: Files, path: string, text: string): Files {
  return {
    ...files,
    text: async (asked) => (asked === path ? text : files.text(asked)),
    stat: async (asked) => (asked === path ? "file" : files.stat(asked)),
  };
}
