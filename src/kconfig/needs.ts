import { type Fragment, parseFragment } from "./fragment.js";

/**
 * A fragment of ours without what the recipe's own ask for in the same words: its places stay. Nothing is left of it
 * when they ask for all, so that a recipe which needs nothing else shares its kernel with those that have the same fragments.
 */
export function unasked(ours: Fragment, theirs: readonly Fragment[]): readonly Fragment[] {
  const asked = new Map(theirs.flatMap((one) => parseFragment(one).asks).map(({ symbol, value }) => [symbol, value]));
  const { asks } = parseFragment(ours);
  const known = new Set(asks.filter(({ symbol, value }) => asked.get(symbol) === value).map(({ at }) => at.line));
  if (known.size === asks.length) return [];
  const lines = ours.text.split("\n").map((line, index) => (known.has(index + 1) ? "" : line));
  return [{ ...ours, text: lines.join("\n") }];
}
