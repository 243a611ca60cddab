import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { listAt, textAt } from "../diagnostic/placed.js";
import { validate } from "../diagnostic/validate.js";
import { type Layout, placeLayout } from "../disk/layout.js";
import { withGuestVolumes } from "../recipe/guest-volumes.js";
import { judge, type PartAsk } from "../recipe/judge.js";
import { CONFIGURED, type Locals } from "../recipe/local.js";
import { resolveSpec } from "../recipe/resolve.js";
import { RecipeSchema } from "../recipe/schema/recipe.js";
import type { Spec } from "../recipe/spec.js";
import { checkKernelLine } from "../steps/kernel-line.js";
import { placedTree } from "./placed-tree.js";
import { type Tree, wordAt } from "./tree.js";
import { boardOf, type World } from "./world.js";

/** What is to be said of a recipe that is no file yet, and where its parts would lie on the card. */
export interface Examined {
  readonly diagnostics: readonly Diagnostic[];
  /** Absent where sizes follow from contents, or there are mistakes. */
  readonly layout?: Layout;
}

/** Holds a recipe against everything that `boardsmith check` holds one against, without a look at any file. */
export function examine(recipe: Tree, world: World): Examined {
  // Before a system is chosen there is nothing to check.
  if (recipe.rootfs === undefined) return { diagnostics: [] };
  const root = withGuestVolumes(placedTree({ description: "-", ...recipe }));
  const board = boardOf(world, wordAt(recipe, "board"));
  const asks = CONFIGURED.flatMap((part) =>
    listAt(root, part, "fragments").flatMap((value): readonly PartAsk[] =>
      (world.fragments.get(textAt(value)?.text ?? "") ?? []).map((ask) => ({ ...ask, part })),
    ),
  );
  const { value, diagnostics } = validate(RecipeSchema, root);
  const found = [...judge(root, board, asks), ...diagnostics];
  if (value === undefined || board === undefined || found.some(({ severity }) => severity === "error")) {
    return { diagnostics: found };
  }
  const named = { name: "recipe", file: "recipe", fragments: new Map<string, string>(), files: [] };
  const spec = resolveSpec({ ...named, recipe: value, root, board, locals: UNREAD });
  const { layout, diagnostics: misplaced } = sizesKnown(spec)
    ? placeLayout(spec.image, board.spl, {})
    : { layout: undefined, diagnostics: [] };
  const all = [...found, ...misplaced, ...checkKernelLine(spec)];
  return { diagnostics: all, ...(layout === undefined ? {} : { layout }) };
}

/** Files that a recipe names, none of them looked into. */
const UNREAD: Locals = {
  of: (value) => {
    const path = textAt(value)?.text;
    return path === undefined ? [] : [{ path, shown: path, kind: "file", sha256: "" }];
  },
  read: [],
  diagnostics: [],
};

function sizesKnown({ image }: Spec): boolean {
  const volumes = image.partitions.flatMap((one) => (one.content === "lvm" ? one.volumes : []));
  return [...image.partitions, ...volumes].every(({ size }) => !("content" in size));
}
