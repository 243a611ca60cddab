import type { Answer } from "./answer.js";
import type { Wanted } from "./wanted.js";

/** Where one file may come from, and what was found out about it. */
export interface Place {
  /** As the recipe has it; what the distribution's archive has is named by its path alone. */
  readonly url: string;
  /** Where the mirror map sends one instead. */
  readonly mirror?: string;
  readonly answer: Answer;
}

/**
 * available: a place has it. stored: no place has it, but it is locked and in the store. kept: a repository is gone, and the locked
 * packages are all that a build needs of it. gone: it cannot be had. unknown: nobody could ask, and it is not in the store.
 */
export type State = "available" | "stored" | "kept" | "gone" | "unknown";

/** What became of one thing that is wanted. */
export interface Verdict {
  readonly name: string;
  readonly kind: Wanted["kind"];
  readonly pin?: string;
  readonly state: State;
  readonly stored: boolean;
  /** For each file its places in the order in which they are tried. */
  readonly files: readonly (readonly Place[])[];
}

/** Judges by what the places said and whether the store has it. */
export function verdictOn(wanted: Wanted, files: Verdict["files"], stored: boolean): Verdict {
  const { name, kind, pin } = wanted;
  return { name, kind, ...(pin === undefined ? {} : { pin }), state: state(wanted, files, stored), stored, files };
}

/** Can a build have it? */
export function canBeHad({ state }: Pick<Verdict, "state">): boolean {
  return state !== "gone" && state !== "unknown";
}

function state({ onlyToUpdate }: Wanted, files: Verdict["files"], stored: boolean): State {
  const any = (kind: Answer["kind"]) => (places: readonly Place[]) => places.some(({ answer }) => answer.kind === kind);
  if (files.every(any("there"))) return "available";
  if (stored) return "stored";
  if (onlyToUpdate) return "kept";
  return files.some((places) => !any("there")(places) && !any("unasked")(places)) ? "gone" : "unknown";
}
