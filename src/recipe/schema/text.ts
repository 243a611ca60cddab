import { z } from "zod";

/** Something to read, not empty. */
export const text = () => z.string().min(1);

/** A text of a given form; `expected` says the form in the message: `expected a commit …`. */
export const form = (pattern: RegExp, expected: string) => z.string().regex(pattern, `expected ${expected}`);

/** The name of an entry of `sources:`. */
export const sourceName = () => text();

/** A path relative to the file it stands in. */
export const path = () => text();

/** Bytes as people write them; parseSize is the judge, in layout-rules. */
export const size = () => z.union([z.string(), z.int().nonnegative()]);
