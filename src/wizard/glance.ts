import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Homes } from "../diagnostic/files.js";
import type { Offer } from "./question.js";

/*
 * What the first question shows takes reading all boards and holding each against what it can be for, which is most of a
 * second. So it is remembered, with the names, times and sizes of the files that it came from. What is chosen is held
 * against the files themselves again.
 */

/** The first question's choices as they were last time; undefined when a file they came from may have changed. */
export function glance(memory: string, homes: Homes): readonly Offer[] | undefined {
  try {
    const { from, offers } = JSON.parse(readFileSync(memory, "utf8")) as { from?: unknown; offers?: unknown };
    return from === origin(homes) && Array.isArray(offers) ? (offers as Offer[]) : undefined;
  } catch {
    return undefined;
  }
}

/** Remembers them. It only makes the next start quicker, so that a folder where it cannot be kept is no mistake. */
export function rememberGlance(memory: string, homes: Homes, offers: readonly Offer[]): void {
  try {
    mkdirSync(dirname(memory), { recursive: true });
    writeFileSync(`${memory}.${process.pid}`, JSON.stringify({ from: origin(homes), offers }));
    renameSync(`${memory}.${process.pid}`, memory);
  } catch {
    // As said.
  }
}

/** Boards, SoCs, what each purpose begins with, and the program itself. */
function origin({ cwd, home }: Homes): string {
  const folders = [join(cwd, "boards"), join(cwd, "boards/soc"), join(home, "boards"), join(home, "boards/soc")];
  return JSON.stringify(
    [...new Set([...folders, join(home, "recipes/base"), join(home, "dist")])].map((folder) => [folder, files(folder)]),
  );
}

function files(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .sort()
      .map((name) => {
        const { mtimeMs, size } = statSync(join(folder, name));
        return `${name} ${mtimeMs} ${size}`;
      });
  } catch {
    return [];
  }
}
