import { type Answers, word } from "../answers.js";
import type { Question } from "../question.js";
import { type Tree, valueAt, valuesAt, withValue, wordAt } from "../tree.js";
import { boardOf, shippedTree, usualFor, type World } from "../world.js";

/** What a board can be for, the shipped recipe that each begins with, and its title in a recipe's description. */
export const PURPOSES = {
  opensuse: { start: "base/opensuse.yaml", name: "openSUSE Tumbleweed", title: "openSUSE Tumbleweed" },
  debian: { start: "base/debian.yaml", name: "Debian trixie", title: "Debian trixie" },
  xen: { start: "base/xen.yaml", name: "Xen host with guests", title: "Xen with Debian bookworm as dom0" },
  busybox: { start: "base/busybox.yaml", name: "busybox rescue system", title: "Busybox" },
} as const;

const ABOUT: Readonly<Record<keyof typeof PURPOSES, string>> = {
  opensuse: "rolling; zypper, systemd, SSH, lvm2",
  debian: "a release; apt, systemd, SSH, lvm2",
  xen: "Xen 4.17, Debian bookworm as dom0, guests on logical volumes of the card",
  busybox: "one static program and nothing else: the quickest card that boots",
};

export type Purpose = keyof typeof PURPOSES;

export function purposeOf(answers: Answers): Purpose | undefined {
  const said = word(answers, "purpose");
  return said !== undefined && said in PURPOSES ? (said as Purpose) : undefined;
}

export const purpose: Question = {
  id: "purpose",
  message: "What is it for?",
  kind: "one",
  choices: () =>
    (Object.keys(PURPOSES) as Purpose[]).map((value) => ({ value, name: PURPOSES[value].name, about: ABOUT[value] })),
  apply: (recipe, answer, _, world) => begin(recipe, PURPOSES[answer as Purpose].start, world),
};

/** Package sets of openSUSE: each is a shipped recipe's. */
export const SETS: Readonly<Record<string, { readonly start: string; readonly name: string; readonly about: string }>> =
  {
    standard: { start: PURPOSES.opensuse.start, name: "standard", about: "headless: network, SSH, sudo, lvm2, zypper" },
    small: {
      start: "cubieboard-opensuse-jeos.yaml",
      name: "small",
      about: "without patterns and tools; asks for language, keyboard and password on its first boot",
    },
    server: {
      start: "cubieboard-opensuse-server.yaml",
      name: "server",
      about: "with a firewall, time from the network, rsync, log rotation",
    },
  };

export const set: Question = {
  id: "set",
  message: "Which set of packages?",
  kind: "one",
  asked: (answers) => purposeOf(answers) === "opensuse",
  choices: () => Object.entries(SETS).map(([value, { name, about }]) => ({ value, name, about })),
  preset: () => "standard",
  apply: (recipe, answer, _, world) => begin(recipe, SETS[String(answer)]?.start ?? PURPOSES.opensuse.start, world),
};

export const packages: Question = {
  id: "packages",
  message: "Which further packages?",
  help: "One a line, as the distribution names them.",
  kind: "list",
  asked: (answers) => purposeOf(answers) !== "busybox",
  preset: () => [],
  apply: (recipe, answer) => withPackages(recipe, [...answer]),
};

/** The recipe with these packages behind those it has. */
export function withPackages(recipe: Tree, more: readonly string[]): Tree {
  const there = valuesAt(recipe, "rootfs", "packages");
  const missing = [...new Set(more)].filter((name) => !there.includes(name));
  return missing.length === 0 ? recipe : withValue(recipe, ["rootfs", "packages"], [...there, ...missing]);
}

/** A shipped recipe for this board, with what its SoC's shipped recipes tell U-Boot. */
function begin({ board }: Tree, start: string, world: World): Tree {
  const tree = { ...shippedTree(world, start), board };
  const loader = usualFor(world, boardOf(world, wordAt({ board }, "board")), (other) =>
    valueAt(other, "u-boot", "fragments"),
  );
  return loader === undefined ? tree : withValue(tree, ["u-boot", "fragments"], loader);
}
