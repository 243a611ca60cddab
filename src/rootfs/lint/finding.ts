import type { LintCode } from "../../recipe/schema/lint.js";
import type { LintSubject } from "./subject.js";

/** Something about a finished root filesystem that will be missed, or regretted, on the board. */
export interface LintFinding {
  readonly code: LintCode;
  /** One sentence without a full stop. */
  readonly message: string;
  /** What a recipe may accept it by: a path, a unit, an account, an fstab entry's first field. */
  readonly about: string;
  readonly help: string;
  /** An error stops the build unless the recipe accepts it; a warning is told. Without it, an error. */
  readonly severity?: "warning";
}

/** One thing that is looked at: gives everything it finds, in the order of the files. */
export type LintRule = (subject: LintSubject) => Iterable<LintFinding>;
