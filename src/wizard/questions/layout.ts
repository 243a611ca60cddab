import { parseSize } from "../../util/size.js";
import { type Answers, word } from "../answers.js";
import type { Question } from "../question.js";
import { isTree, type Tree, valuesAt, withValue, wordAt } from "../tree.js";
import { purposeOf } from "./system.js";
import { XEN_GROUP } from "./xen.js";

const BOOT: Tree = { name: "boot", content: "boot", filesystem: "fat32", size: "64MiB" };
const ROOT: Tree = { name: "root", content: "root", filesystem: "ext4", size: "rest" };

/** What the recipe has beside its root filesystem, such as room for what makes a card its own, stays before it. */
function withRoot(recipe: Tree, root: Tree): Tree {
  const others = valuesAt(recipe, "image", "partitions").filter(
    (one) => !["root", "lvm"].includes(wordAt(one, "content") ?? ""),
  );
  return withValue(recipe, ["image", "partitions"], [...(others.length > 0 ? others : [BOOT]), root]);
}

const onLvm = (answers: Answers): boolean => word(answers, "layout") === "lvm";

export const layout: Question = {
  id: "layout",
  message: "How is the card laid out?",
  kind: "one",
  choices: () => [
    { value: "plain", name: "plain", about: "a partition to boot from, and root on the rest" },
    { value: "lvm", name: "LVM", about: "a partition to boot from, and a volume group with volumes of your sizes" },
  ],
  preset: (answers) => (purposeOf(answers) === "xen" ? "lvm" : "plain"),
  apply: (recipe, answer, answers) => {
    if (answer === "plain") return withRoot(recipe, ROOT);
    return withVolumes(recipe, usualVolumes(answers, recipe));
  },
  showsCard: true,
};

export const size: Question = {
  id: "size",
  message: "How large is the card?",
  help: "The image's size. On a larger card it grows on the first boot.",
  kind: "one",
  choices: (answers) =>
    [...(purposeOf(answers) === "busybox" ? ["256MiB"] : []), "1GiB", "2GiB", "4GiB", "8GiB", "16GiB"].map((value) => ({
      value,
      name: value,
    })),
  free: "a size such as 7GiB",
  preset: (_a, _w, recipe) => wordAt(recipe, "image", "size") ?? "2GiB",
  apply: (recipe, answer) => withValue(recipe, ["image", "size"], answer),
  showsCard: true,
};

/** `swap` is swap space, `root` the root filesystem; anything else is an empty filesystem, mounted where it says. */
const VOLUME = /^(\S+) (\S+)( \/\S*)?$/;

export const volumes: Question = {
  id: "volumes",
  message: "Which logical volumes?",
  help: "One a line: NAME SIZE FOLDER, such as data rest /srv. root and swap have no folder;\na size is 512MiB, 40% or rest.",
  kind: "list",
  asked: onLvm,
  preset: (answers, _, recipe) => usualVolumes(answers, recipe),
  refuse: (said) =>
    VOLUME.test(said) ? undefined : `"${said}" is no volume: a name, a size and a folder, such as data rest /srv`,
  apply: (recipe, answer) => withVolumes(recipe, [...answer]),
  showsCard: true,
};

const ROOMY = 2 * 1024 ** 3;

function usualVolumes(answers: Answers, recipe: Tree): readonly string[] {
  if (purposeOf(answers) === "xen") return ["root 1536MiB"];
  const whole = parseSize(wordAt(recipe, "image", "size") ?? "") ?? 0;
  return whole < ROOMY ? ["root 70%", "data rest /srv"] : ["root 1GiB", "swap 128MiB", "data rest /srv"];
}

function withVolumes(recipe: Tree, lines: readonly string[]): Tree {
  const all = lines.flatMap((line) => {
    const [, name = "", size = "", mount] = VOLUME.exec(line) ?? [];
    if (name === "") return [];
    const content = name === "root" || name === "swap" ? name : "empty";
    return [{ name, content, size, ...(mount === undefined ? {} : { mount: mount.trim() }) }];
  });
  const group = { name: "pv", content: "lvm", size: "rest", group: groupOf(recipe), volumes: all };
  return withRoot(recipe, group);
}

/** A Xen host keeps the name that its guests' disks have. */
function groupOf(recipe: Tree): string {
  const there = valuesAt(recipe, "image", "partitions").flatMap((one) => wordAt(one, "group") ?? []);
  return there[0] ?? (isTree(recipe.xen) ? XEN_GROUP : "system");
}
