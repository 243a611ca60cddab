import { initOf } from "../init.js";
import type { Tree } from "../tree.js";
import type { LintRule } from "./finding.js";
import { programFault, programOf } from "./program.js";

/** One line of /etc/inittab: busybox's `tty::action:command`, or sysvinit's `id:runlevels:action:command`. */
export interface InittabLine {
  readonly id: string;
  readonly action: string;
  readonly command: string;
}

export function inittab(tree: Tree): readonly InittabLine[] {
  return (tree.text("etc/inittab") ?? "").split("\n").flatMap((line) => {
    const [id, , action, ...command] = line.trim().split(":");
    if (id === undefined || action === undefined || id.startsWith("#") || command.length === 0) return [];
    return [{ id, action, command: command.join(":").trim() }];
  });
}

/** What busybox's init or sysvinit is told to start must be there. */
export const initPrograms: LintRule = function* ({ tree }) {
  const init = initOf(tree);
  if (init !== "busybox" && init !== "sysvinit") return;
  for (const { action, command } of inittab(tree)) {
    if (!/^(sysinit|boot|bootwait|wait|once|respawn|askfirst)$/.test(action)) continue;
    const { program } = programOf(command);
    const fault = programFault(tree, program);
    if (fault === undefined) continue;
    yield {
      code: "init-program",
      message: `/etc/inittab starts "${command}", and ${fault}`,
      about: program,
      help: "bring the program in by its package or an overlay, or take the line out by an overlay",
    };
  }
};
