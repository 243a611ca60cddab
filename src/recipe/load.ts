import { basename } from "node:path";
import type { Board } from "../board/board.js";
import { loadBoard } from "../board/load.js";
import { loadModel } from "../board/load-model.js";
import type { Diagnostic, Location } from "../diagnostic/diagnostic.js";
import type { Files, Homes } from "../diagnostic/files.js";
import { find, listAt, type Placed, textAt } from "../diagnostic/placed.js";
import { inOrder } from "../diagnostic/render.js";
import { validate } from "../diagnostic/validate.js";
import { parseFragment } from "../kconfig/fragment.js";
import { extend } from "./extend.js";
import { withGuestVolumes } from "./guest-volumes.js";
import { checkIgnition } from "./ignition.js";
import { judge, type PartAsk } from "./judge.js";
import { readKiwi } from "./kiwi.js";
import { CONFIGURED, findLocals, type Locals } from "./local.js";
import { resolveSpec } from "./resolve.js";
import { RecipeSchema } from "./schema/recipe.js";
import { withoutSecrets } from "./secrets.js";
import type { Spec } from "./spec.js";

/** A recipe and its board as one spec, or why there is none. Warnings may come with either. */
export interface LoadedRecipe {
  /** Absent exactly when `diagnostics` holds an error. */
  readonly spec?: Spec;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Loads a recipe by its absolute path with all it extends, its board, and every file it names.
 * Gives all mistakes at once, each with its place.
 */
export async function loadRecipe(file: string, files: Files, homes: Homes): Promise<LoadedRecipe> {
  const { root: said, read, diagnostics: unread } = await extend(file, files);
  if (said === undefined) return { diagnostics: unread };
  const root = withGuestVolumes(said);
  const { value: recipe, diagnostics: misshapen } = validate(RecipeSchema, root);
  const wish = textAt(root, "board");
  const loaded = wish ? await loadBoard(wish.text, files, homes, wish.at) : { read: [], diagnostics: [] };
  const board: Board | undefined = loaded.board;
  const wanted = textAt(root, "fast-model", "model");
  const { model, ...modelled } = wanted
    ? await loadModel(wanted.text, files, homes, wanted.at)
    : { read: [], diagnostics: [] };
  const locals = await findLocals(root, files);
  const fragments = await readFragments(root, locals, files);
  const ignition = await ignitionMistakes(root, locals, files);
  const described = await readKiwi(root, board, locals, files);
  const specific = [
    ...unread,
    ...loaded.diagnostics,
    ...modelled.diagnostics,
    ...judge(root, board, fragments.asks),
    ...locals.diagnostics,
    ...fragments.diagnostics,
    ...ignition,
    ...described.diagnostics,
  ];
  // Where a check has its own words for a mistake, the schema's are left out.
  const taken = new Set(specific.filter((d) => d.severity === "error").map((d) => placeKey(d.at)));
  const partial = unread.some((d) => d.severity === "error");
  const all = [...specific, ...misshapen.filter((d) => !taken.has(placeKey(d.at)))];
  const diagnostics = withoutSecrets(root, inOrder(all.filter((d) => !partial || !OF_WHOLES.includes(d.code))));
  if (recipe === undefined || board === undefined || diagnostics.some((d) => d.severity === "error")) {
    return { diagnostics };
  }
  const spec = resolveSpec({
    name: basename(file).replace(/\.ya?ml$/, ""),
    file,
    recipe,
    root,
    board,
    ...(model ? { model } : {}),
    locals,
    fragments: fragments.texts,
    ...(described.wishes ? { kiwi: described.wishes } : {}),
    files: [...new Set([...read, ...loaded.read, ...modelled.read, ...locals.read])],
  });
  return { spec, diagnostics };
}

/** What can only be said of a recipe that was read with all it extends. */
const OF_WHOLES = ["missing-key", "missing-kind", "unknown-source", "unused-source"];

function placeKey(at: Location | undefined): string | undefined {
  return at && `${at.file}:${at.line}:${at.column}`;
}

/** Text of each fragment by its path; what they ask for, with its places. */
async function readFragments(root: Placed, locals: Locals, files: Files) {
  const texts = new Map<string, string>();
  const diagnostics: Diagnostic[] = [];
  const asks: PartAsk[] = [];
  for (const part of CONFIGURED) {
    for (const local of listAt(root, part, "fragments").flatMap((value) => locals.of(value))) {
      const text = (await files.text(local.path)) ?? "";
      const parsed = parseFragment({ name: local.path, text });
      if (!texts.has(local.path)) diagnostics.push(...parsed.diagnostics);
      texts.set(local.path, text);
      asks.push(...parsed.asks.map((ask) => ({ part, ...ask })));
    }
  }
  return { texts, diagnostics, asks };
}

async function ignitionMistakes(root: Placed, locals: Locals, files: Files): Promise<readonly Diagnostic[]> {
  const [config] = locals.of(find(root, "provision", "firstboot", "ignition"));
  return config ? checkIgnition(config.path, (await files.text(config.path)) ?? "") : [];
}
