import type { Board } from "../board/board.js";
import { checkDramFit, type MemoryChoices } from "../board/dram-fit.js";
import { checkRules } from "../board/rules.js";
import type { Diagnostic, Location } from "../diagnostic/diagnostic.js";
import { find, listAt, type Placed, textAt } from "../diagnostic/placed.js";
import type { Ask } from "../kconfig/fragment.js";
import { CHECKS } from "./checks/all.js";
import { choices } from "./choices.js";

/** A symbol that a fragment of one of the recipe's parts (`kernel`, `u-boot`) asks for. */
export interface PartAsk extends Ask {
  readonly part: string;
}

/**
 * Everything that can be said against a recipe (with all it extends merged in), its board and its fragments without
 * looking at another file: what `boardsmith check` says, and what greys a choice of the wizard's.
 */
export function judge(root: Placed, board: Board | undefined, asks: readonly PartAsk[]): readonly Diagnostic[] {
  const found = CHECKS.flatMap((check) => check(root, board));
  const wish = textAt(root, "board");
  if (!board || !wish) return found;
  return [
    ...found,
    ...checkRules(board, choices(root, ofKernel(asks, true), ofKernel(asks, false))),
    ...checkDramFit(board, memoryChoices(root, asks, wish.at)),
  ];
}

function ofKernel(asks: readonly PartAsk[], wanted: boolean) {
  return asks
    .filter(({ part, value }) => part === "kernel" && (value !== "n") === wanted)
    .map(({ symbol, at }) => ({ name: `CONFIG_${symbol}`, at }));
}

function memoryChoices(root: Placed, asks: readonly PartAsk[], boardAt: Location): MemoryChoices {
  const said = (value: Placed | undefined) => {
    const found = textAt(value);
    return found && { value: found.text, at: found.at };
  };
  return {
    memory: said(find(root, "memory")),
    arguments: listAt(root, "boot", "arguments").flatMap((value) => said(value) ?? []),
    ubootSymbols: asks
      .filter(({ part }) => part === "u-boot")
      .map(({ symbol, value, at }) => ({ name: symbol, value, at })),
    boardAt,
  };
}
