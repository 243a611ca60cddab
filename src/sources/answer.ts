/** What a place says: it is there, it is not (and why), or nobody could ask. */
export type Answer =
  | { readonly kind: "there" /** More that is worth knowing: where a branch stands now. */; readonly note?: string }
  | { readonly kind: "gone"; readonly reason: string }
  | { readonly kind: "unasked"; readonly reason: string };

/** Shorthand for a place that does not have it. */
export const gone = (reason: string): Answer => ({ kind: "gone", reason });
