import { type Answers, word } from "./answers.js";
import { PURPOSES, purposeOf } from "./questions/system.js";
import { isTree, type Tree, wordAt } from "./tree.js";
import { boardOf, type World } from "./world.js";

const KERNELS: Readonly<Record<string, string>> = {
  slim: "slim kernel from source",
  full: "kernel with the whole sunxi_defconfig",
  packaged: "the distribution's kernel",
  vendor: "a vendor's kernel",
};

/** The recipe's line for lists, in the words of the shipped ones. */
export function descriptionOf(answers: Answers, recipe: Tree, world: World): string {
  const board = boardOf(world, wordAt(recipe, "board"));
  const purpose = purposeOf(answers);
  const title = board?.title.replace(/ \(.*\)$/, "") ?? "board";
  const article = /^[AEIO]/.test(title) || title.startsWith("MK") ? "an" : "a";
  const kernel =
    word(answers, "kernel") === "branch" ? `kernel ${word(answers, "branch")}` : KERNELS[word(answers, "kernel") ?? ""];
  const parts = [
    `${purpose ? PURPOSES[purpose].title : "Linux"} on ${article} ${title}`,
    ...(kernel === undefined ? [] : [kernel]),
    ...(word(answers, "layout") === "lvm" ? ["root on LVM"] : []),
  ];
  return parts.join(", ");
}

/** What stands above the parts of the recipe that are not plain from their keys. */
export function commentsOf(answers: Answers, recipe: Tree): Readonly<Record<string, string>> {
  const kernel = word(answers, "kernel");
  const hashed = word(answers, "password-hash") !== undefined && word(answers, "password-hash") !== "";
  return {
    ...(kernel === "branch"
      ? { sources: "A branch moves; the lock file says at which commit it is built." }
      : kernel === "vendor"
        ? { sources: "Built elsewhere; held against the board and lvm2 before it goes into an image." }
        : {}),
    ...(kernel === "packaged" && recipe.boot
      ? { boot: "As the other recipes of this SoC have it with this kernel." }
      : {}),
    ...(part(recipe.rootfs)?.packages ? { rootfs: "A list replaces the one it extends, so this is all of it." } : {}),
    ...(hashed ? { provision: "A password is here as its hash; `openssl passwd -6` makes another." } : {}),
    ...(recipe.guests ? { guests: "Each has a volume of the card's group, and the bridge to the network." } : {}),
  };
}

function part(value: unknown): Tree | undefined {
  return isTree(value) ? value : undefined;
}
