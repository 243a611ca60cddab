import type { Board } from "../board/board.js";

type Named = Pick<Board, "name" | "title">;

/**
 * The board that some words (of a profile, an image) speak of: the one with the longest name or title that stands in them,
 * a name before a title. Undefined where there is none, or several are as good.
 */
export function guessBoard<T extends Named>(words: readonly string[], boards: readonly T[]): T | undefined {
  const text = words.map(bare).join(" ");
  const fits = (name: string) => (name !== "" && text.includes(name) ? name.length : 0);
  // "cubieboard2" speaks of a Cubieboard 2, not of a Cubieboard; "Cubieboard" of the plain one, not of its variant.
  const weigh = ({ name, title }: Named) => fits(bare(name)) * 2 || fits(bare(title.replace(/\(.*/, ""))) * 2 - 1;
  const most = Math.max(0, ...boards.map(weigh));
  const best = boards.filter((board) => most > 0 && weigh(board) === most);
  return best.length === 1 ? best[0] : undefined;
}

function bare(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, "");
}
