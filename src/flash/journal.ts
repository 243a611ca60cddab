import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../util/canonical.js";

/** How far one drive got with one image. Only a hint of where to look: what it says is read back before it counts. */
export interface Progress {
  /** Of the marker on the card, which tells it from another card in the same reader. */
  readonly nonce: string;
  /** Everything before this byte was written. */
  readonly written: number;
}

/** Remembers progress in a folder, a file for each drive and image. */
export interface Journal {
  read(): Progress | undefined;
  write(progress: Progress): void;
  clear(): void;
}

/** The journal of a drive and an image, each by what identifies it. */
export function journalIn(folder: string, drive: string, image: string): Journal {
  const path = join(folder, `${sha256(`${drive}\n${image}`).slice(0, 32)}.json`);
  return {
    read: () => {
      try {
        const { nonce, written } = JSON.parse(readFileSync(path, "utf8")) as Progress;
        return typeof nonce === "string" && Number.isSafeInteger(written) ? { nonce, written } : undefined;
      } catch {
        return undefined;
      }
    },
    write: (progress) => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(`${path}.new`, JSON.stringify(progress));
      renameSync(`${path}.new`, path);
    },
    clear: () => rmSync(path, { force: true }),
  };
}

/** For an image that is not the same twice, such as standard input. */
export const NO_JOURNAL: Journal = { read: () => undefined, write: () => {}, clear: () => {} };
