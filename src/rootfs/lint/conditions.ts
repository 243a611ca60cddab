import type { Tree } from "../tree.js";
import type { UnitSettings } from "../unit-file.js";

/** Conditions that ask whether something is there; see systemd.unit(5). */
const PRESENCE = [
  "ConditionPathExists",
  "ConditionPathIsDirectory",
  "ConditionPathIsSymbolicLink",
  "ConditionFileIsExecutable",
  "ConditionFileNotEmpty",
  "ConditionDirectoryNotEmpty",
];
/** Filled while the board runs. */
export const VOLATILE = /^\/(proc|sys|dev|run|tmp|var\/run)(\/|$)/;

/** Whether a unit's conditions hold as far as the tree alone can say; what it cannot say counts as true. */
export function conditionsHold(tree: Tree, settings: UnitSettings): boolean {
  const all = PRESENCE.flatMap((key) => settings("Unit", key)).map((value) => {
    const [, trigger, not, path = ""] = /^(\|?)\s*(!?)\s*(.*)$/.exec(value) ?? [];
    const holds = VOLATILE.test(path) || path.includes("%") || tree.has(path) === (not === "");
    return { trigger: trigger === "|", holds };
  });
  const triggers = all.filter(({ trigger }) => trigger);
  const plain = all.filter(({ trigger }) => !trigger);
  return plain.every(({ holds }) => holds) && (triggers.length === 0 || triggers.some(({ holds }) => holds));
}
