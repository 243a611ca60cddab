import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Answers } from "./answers.js";
import { emit } from "./emit.js";
import { DRAFT_FILE } from "./kept-files.js";
import { QUESTIONS } from "./questions/all.js";
import { answerOf, readAnswers } from "./replay.js";

/** The answers of a wizard that was left. */
export interface Drafts {
  read(): Promise<Answers | undefined>;
  keep(answers: Answers): Promise<void>;
  forget(): Promise<void>;
}

/** Keeps them in a folder, which is made when there is something to keep. */
export function draftsIn(folder: string): Drafts {
  const draft = join(folder, DRAFT_FILE);
  return {
    read: () => read(draft),
    keep: (answers) => write(folder, draft, answers),
    forget: () => rm(draft, { force: true }),
  };
}

async function read(path: string): Promise<Answers | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const { root } = readAnswers(path, text);
  if (root?.kind !== "map") return undefined;
  const all = QUESTIONS.flatMap((question) => {
    const value = root.entries.get(question.id)?.value;
    const answer = value && answerOf(value, question);
    return answer === undefined ? [] : [[question.id, answer] as const];
  });
  return all.length === 0 ? undefined : Object.fromEntries(all);
}

/** As `--answers` takes them, and for their owner alone: a password's hash may be among them. Whole or not at all: a killed wizard leaves the draft that was there before. */
async function write(folder: string, path: string, answers: Answers): Promise<void> {
  await mkdir(folder, { recursive: true });
  const beside = `${path}.${process.pid}`;
  await writeFile(beside, emit(answers), { mode: 0o600 });
  await rename(beside, path);
}
