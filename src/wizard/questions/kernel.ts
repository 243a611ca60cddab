import { resolve } from "node:path";
import { type Answers, word } from "../answers.js";
import type { Choice, Question } from "../question.js";
import { type Tree, valueAt, valuesAt, withValue, wordAt } from "../tree.js";
import { boardOf, usualFor, type World } from "../world.js";
import { purposeOf } from "./system.js";

const STABLE = "https://git.kernel.org/pub/scm/linux/kernel/git/stable/linux.git";
/** Branches that get fixes for years (kernel.org, "Longterm"). */
const LONGTERM = ["linux-6.18.y", "linux-6.12.y", "linux-6.6.y"];

const PACKAGES = { opensuse: "kernel-default", debian: "linux-image-armmp", xen: "linux-image-armmp-lpae" } as const;

function packageFor(answers: Answers): string {
  const purpose = purposeOf(answers);
  return purpose === undefined || purpose === "busybox" ? PACKAGES.debian : PACKAGES[purpose];
}

export const kernel: Question = {
  id: "kernel",
  message: "Which kernel?",
  kind: "one",
  choices: (answers): readonly Choice[] => [
    { value: "slim", name: "built, slim", about: "what a card needs to boot and serve; compiles in minutes" },
    { value: "full", name: "built, whole", about: "all of sunxi_defconfig" },
    {
      value: "branch",
      name: "built from kernel.org",
      about: "a branch of the stable tree, which moves with its fixes",
    },
    {
      value: "packaged",
      name: `packaged: ${packageFor(answers)}`,
      about: "the distribution's own, started by a minimal initramfs",
    },
    { value: "vendor", name: "a vendor's", about: "a .deb, an .rpm or a tarball that you have" },
  ],
  preset: (answers) => (purposeOf(answers) === "xen" ? "packaged" : "slim"),
  apply: (recipe, answer, answers, world) => kernelOf(recipe, String(answer), answers, world),
};

function kernelOf(recipe: Tree, kind: string, answers: Answers, world: World): Tree {
  if (kind === "packaged") {
    const name = packageFor(answers);
    const board = boardOf(world, wordAt(recipe, "board"));
    const alike = (tree: Tree) =>
      valueAt(tree, "kernel", "package") !== undefined && valueAt(tree, "xen") === undefined;
    const said = usualFor(world, board, (tree) => valueAt(tree, "boot", "arguments"), alike);
    const packaged = { ...recipe, kernel: { package: name } };
    return said === undefined ? packaged : withValue(packaged, ["boot", "arguments"], said);
  }
  if (kind === "vendor")
    return { ...recipe, kernel: { prebuilt: "kernel" }, ...sources(recipe, "kernel", { path: "." }) };
  const slim = slimFragment(world);
  const others = valuesAt(recipe, "kernel", "fragments").filter((fragment) => fragment !== slim);
  const fragments = kind === "slim" ? [slim, ...others] : others;
  return {
    ...recipe,
    kernel: { source: "linux", defconfig: "sunxi_defconfig", ...(fragments.length > 0 ? { fragments } : {}) },
  };
}

/** boardsmith's own fragment, as every slim recipe names it. */
function slimFragment(world: World): string {
  const found = [...world.fragments.keys()].find((path) => path.endsWith("/kernel/slim.config"));
  if (found === undefined) throw new Error("no slim.config");
  return found;
}

function sources(recipe: Tree, name: string, source: Tree): Tree {
  return withValue({ sources: recipe.sources }, ["sources", name], source);
}

export const branch: Question = {
  id: "branch",
  message: "Which branch of kernel.org's stable tree?",
  kind: "one",
  asked: (answers) => word(answers, "kernel") === "branch",
  choices: () => LONGTERM.map((name) => ({ value: name, name, about: "gets fixes for years" })),
  free: "a branch such as linux-6.12.y",
  preset: () => "linux-6.12.y",
  apply: (recipe, answer) => ({ ...recipe, ...sources(recipe, "linux", { git: STABLE, branch: answer }) }),
};

export const kernelFile: Question = {
  id: "kernel-file",
  message: "Where is the vendor's kernel?",
  help: "A .deb, an .rpm, a tarball or a folder, with its modules and device trees.",
  kind: "text",
  asked: (answers) => word(answers, "kernel") === "vendor",
  refuse: (said, _, world) =>
    world.stat(resolve(world.cwd, said)) === undefined ? `nothing is at "${said}"` : undefined,
  apply: (recipe, answer, _, world) => ({
    ...recipe,
    ...sources(recipe, "kernel", { path: resolve(world.cwd, String(answer)) }),
  }),
};
