import type { Board } from "../../board/board.js";
import { formatSize } from "../../util/size.js";
import type { Question } from "../question.js";

/** Which board; what works on it is added by whoever offers the choices. */
export const board: Question = {
  id: "board",
  message: "Which board is it for?",
  kind: "one",
  choices: (_, { boards }) =>
    boards.map((one) => ({ value: one.name, name: `${one.name}: ${one.title}`, about: describeBoard(one) })),
  apply: (recipe, answer) => ({ ...recipe, board: answer }),
};

/** `A10 (sun4i), one cortex-a8, 1 GiB; boots in the emulator to a login`. */
export function describeBoard({ soc, dram, qemu }: Board): string {
  const cores = soc.cores === 1 ? `one ${soc.core}` : `${soc.cores} × ${soc.core}`;
  const emulator =
    qemu === undefined
      ? "no emulator, so images stay unproven"
      : `boots in the emulator ${qemu.until === "login" ? "to a login" : "to the kernel's start"}`;
  return `${soc.name} (${soc.family}), ${cores}, ${formatSize(dram.size)}; ${emulator}`;
}
