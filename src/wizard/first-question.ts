import { readFileSync } from "node:fs";
import type { Homes } from "../diagnostic/files.js";
import { type Asker, BACK } from "./asker.js";
import { glance } from "./glance.js";
import { DRAFT_FILE, GLANCE_FILE } from "./kept-files.js";
import { board } from "./questions/board.js";

/** How a dialogue begins: with a board, or with a draft. Undefined leaves the first question to the dialogue. */
export type Begun = { readonly board: string } | { readonly draft: "on" | "again" | "new" } | undefined;

/** Asks what can be asked before anything is loaded: whether to go on with a draft, or for the board as last time. */
export async function firstQuestion(asker: Asker, folder: string, homes: Homes): Promise<Begun> {
  const usual = { kind: "one", objection: () => undefined, back: false } as const;
  const draft = glimpse(`${folder}/${DRAFT_FILE}`);
  if (draft !== undefined) {
    const answer = await asker.ask({
      ...usual,
      message: `There is a draft (${draft} \u2026). Go on with it?`,
      offers: [
        { value: "on", name: "go on where it was left" },
        { value: "again", name: "begin again, with its answers as presets" },
        { value: "new", name: "throw it away" },
      ],
      preset: "on",
    });
    return { draft: answer as "on" | "again" | "new" };
  }
  const offers = glance(`${folder}/${GLANCE_FILE}`, homes);
  if (offers === undefined) return undefined;
  const answer = await asker.ask({ ...usual, message: board.message, offers, search: true });
  return answer === BACK ? undefined : { board: String(answer) };
}

/** The first answers of a draft, for whoever has to recognise it. */
function glimpse(path: string): string | undefined {
  try {
    const lines = readFileSync(path, "utf8").split("\n").slice(0, 3);
    return lines.flatMap((line) => /^[a-z]+: (\S+)$/.exec(line)?.[1] ?? []).join(", ");
  } catch {
    return undefined;
  }
}
