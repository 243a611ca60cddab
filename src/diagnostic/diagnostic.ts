/** A place in a file; line and column count from 1, columns in characters. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** How many characters the squiggle underlines, at least 1. */
  readonly length: number;
  /** The whole text of the line, for the squiggle; absent when the file is not text. */
  readonly text?: string;
}

/** One mistake somebody made, as a value: what is wrong, where, what to do. Never thrown one by one, always collected. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  /** Stable name of the kind of mistake, e.g. `unknown-key`; documented in docs/diagnostics.md. */
  readonly code: string;
  /** What is wrong, in one sentence without a full stop. */
  readonly message: string;
  readonly at?: Location;
  /** What to do about it, e.g. `did you mean "defconfig"?`. */
  readonly help?: string;
  /** Another place that takes part, e.g. where the key stood first. */
  readonly related?: readonly { readonly message: string; readonly at: Location }[];
}
