import type { Location } from "../diagnostic/diagnostic.js";

/** Something that a recipe cannot say, or says otherwise than what it was made from. */
export interface Left {
  readonly what: string;
  readonly at: Location;
  readonly why: string;
}

/** Values and what of them was left behind. */
export interface Carried<T> {
  readonly value: T;
  readonly left: readonly Left[];
}
