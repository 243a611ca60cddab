import type { Board } from "../../board/board.js";
import type { Diagnostic, Location } from "../../diagnostic/diagnostic.js";
import type { Placed } from "../../diagnostic/placed.js";

/**
 * Finds mistakes that a schema cannot say. Works on the placed recipe, which may have schema errors elsewhere,
 * so it looks at what is there and keeps quiet about the rest; `board` is absent when it could not be loaded.
 */
export type Check = (root: Placed, board: Board | undefined) => readonly Diagnostic[];

/** Shorthand for an error at a place. */
export function wrong(
  code: string,
  message: string,
  at: Location,
  help?: string,
  related?: Diagnostic["related"],
): Diagnostic {
  return { severity: "error", code, message, at, ...(help ? { help } : {}), ...(related ? { related } : {}) };
}

/** Shorthand for a warning at a place. */
export function doubtful(code: string, message: string, at: Location, help?: string): Diagnostic {
  return { severity: "warning", code, message, at, ...(help ? { help } : {}) };
}
