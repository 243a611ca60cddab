import type { Answers } from "../answers.js";
import type { Question } from "../question.js";
import { valuesAt, withValue, wordAt } from "../tree.js";
import { purposeOf } from "./system.js";

const underXen = (answers: Answers): boolean => purposeOf(answers) === "xen";

/** The card's volume group of a Xen host, as base/xen.yaml names it. */
export const XEN_GROUP = "xen";

export const dom0Memory: Question = {
  id: "dom0-memory",
  message: "How much memory for dom0?",
  help: "The rest is for guests.",
  kind: "one",
  asked: underXen,
  choices: () => ["256MiB", "512MiB", "768MiB", "1024MiB"].map((value) => ({ value, name: value })),
  free: "whole MiB, such as 384MiB",
  preset: (_a, _w, recipe) => wordAt(recipe, "xen", "dom0", "memory") ?? "512MiB",
  apply: (recipe, answer) => withValue(recipe, ["xen", "dom0", "memory"], answer),
};

const GUEST = /^(\S+) (\S+) (\S+)( autostart)?$/;

export const guests: Question = {
  id: "guests",
  message: "Which guests?",
  help: "One a line: NAME MEMORY DISK, and autostart where it starts with the board.\nSuch as: web 128MiB 512MiB autostart",
  kind: "list",
  asked: underXen,
  preset: () => [],
  refuse: (said) =>
    GUEST.test(said)
      ? undefined
      : `"${said}" is no guest: a name, its memory and its disk's size, such as web 128MiB 512MiB`,
  apply: (recipe, answer) => {
    const bridge =
      valuesAt(recipe, "provision", "network").flatMap((one) => wordAt(one, "interface") ?? [])[0] ?? "br0";
    const all = [...answer].flatMap((line) => {
      const [, name = "", memory = "", size = "", starts] = GUEST.exec(line) ?? [];
      if (name === "") return [];
      const guest = {
        memory,
        disks: [{ volume: `${XEN_GROUP}/${name}`, target: "xvda", size }],
        vifs: [{ bridge }],
        ...(starts ? { autostart: true } : {}),
      };
      return [[name, guest] as const];
    });
    return all.length === 0 ? recipe : { ...recipe, guests: Object.fromEntries(all) };
  },
};
