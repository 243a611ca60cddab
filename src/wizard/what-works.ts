import { judge } from "../recipe/judge.js";
import { placedTree } from "./placed-tree.js";
import { PURPOSES } from "./questions/system.js";
import { shippedTree, type World } from "./world.js";

/** What each board can be for, by its name: `openSUSE Tumbleweed, Debian trixie, busybox rescue system`. */
export function whatWorks(world: World): ReadonlyMap<string, string> {
  const begun = Object.values(PURPOSES).map(({ name, start }) => ({ name, tree: shippedTree(world, start) }));
  const of = (board: World["boards"][number]): string =>
    begun
      .filter(({ tree }) => {
        const found = judge(placedTree({ ...tree, board: board.name }), board, []);
        return !found.some(({ severity }) => severity === "error");
      })
      .map(({ name }) => name)
      .join(", ");
  return new Map(world.boards.map((board) => [board.name, of(board)]));
}
