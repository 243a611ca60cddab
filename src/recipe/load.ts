import { basename } from "node:path";
import type { Board } from "../board/board.js";
import { checkDramFit, type MemoryChoices } from "../board/dram-fit.js";
import { loadBoard } from "../board/load.js";
import { type Choices, checkRules } from "../board/rules.js";
import type { Diagnostic, Location } from "../diagnostic/diagnostic.js";
import type { Files, Homes } from "../diagnostic/files.js";
import { find, listAt, type Placed, textAt } from "../diagnostic/placed.js";
import { inOrder } from "../diagnostic/render.js";
import { validate } from "../diagnostic/validate.js";
import { parseFragment } from "../kconfig/fragment.js";
import { CHECKS } from "./checks/all.js";
import { extend } from "./extend.js";
import { checkIgnition } from "./ignition.js";
import { findLocals, type Locals } from "./local.js";
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
  const { root, read, diagnostics: unread } = await extend(file, files);
  if (root === undefined) return { diagnostics: unread };
  const { value: recipe, diagnostics: misshapen } = validate(RecipeSchema, root);
  const wish = textAt(root, "board");
  const loaded = wish ? await loadBoard(wish.text, files, homes, wish.at) : { read: [], diagnostics: [] };
  const board: Board | undefined = loaded.board;
  const locals = await findLocals(root, files);
  const fragments = await readFragments(root, locals, files);
  const ignition = await ignitionMistakes(root, locals, files);
  const specific = [
    ...unread,
    ...loaded.diagnostics,
    ...CHECKS.flatMap((check) => check(root, board)),
    ...locals.diagnostics,
    ...fragments.diagnostics,
    ...ignition,
    ...(board ? checkRules(board, choices(root, fragments.symbols)) : []),
    ...(board && wish ? checkDramFit(board, memoryChoices(root, fragments.ubootSymbols, wish.at)) : []),
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
    locals,
    fragments: fragments.texts,
    files: [...new Set([...read, ...loaded.read, ...locals.read])],
  });
  return { spec, diagnostics };
}

/** What can only be said of a recipe that was read with all it extends. */
const OF_WHOLES = ["missing-key", "missing-kind", "unknown-source", "unused-source"];

function placeKey(at: Location | undefined): string | undefined {
  return at && `${at.file}:${at.line}:${at.column}`;
}

/** Text of each fragment by its path; the symbols that they ask for with their places. */
async function readFragments(root: Placed, locals: Locals, files: Files) {
  const texts = new Map<string, string>();
  const diagnostics: Diagnostic[] = [];
  const symbols: Choices["symbols"][number][] = [];
  const ubootSymbols: MemoryChoices["ubootSymbols"][number][] = [];
  for (const part of ["kernel", "u-boot"]) {
    for (const local of listAt(root, part, "fragments").flatMap((value) => locals.of(value))) {
      const text = (await files.text(local.path)) ?? "";
      const parsed = parseFragment({ name: local.path, text });
      if (!texts.has(local.path)) diagnostics.push(...parsed.diagnostics);
      texts.set(local.path, text);
      if (part === "u-boot")
        ubootSymbols.push(...parsed.asks.map(({ symbol, value, at }) => ({ name: symbol, value, at })));
      else
        symbols.push(
          ...parsed.asks.filter((ask) => ask.value !== "n").map(({ symbol, at }) => ({ name: `CONFIG_${symbol}`, at })),
        );
    }
  }
  return { texts, diagnostics, symbols, ubootSymbols };
}

function memoryChoices(root: Placed, ubootSymbols: MemoryChoices["ubootSymbols"], boardAt: Location): MemoryChoices {
  const said = (value: Placed | undefined) => {
    const found = textAt(value);
    return found && { value: found.text, at: found.at };
  };
  const words = listAt(root, "boot", "arguments").flatMap((value) => said(value) ?? []);
  return { memory: said(find(root, "memory")), arguments: words, ubootSymbols, boardAt };
}

async function ignitionMistakes(root: Placed, locals: Locals, files: Files): Promise<readonly Diagnostic[]> {
  const [config] = locals.of(find(root, "provision", "firstboot", "ignition"));
  return config ? checkIgnition(config.path, (await files.text(config.path)) ?? "") : [];
}

function choices(root: Placed, symbols: Choices["symbols"]): Choices {
  const pick = (...path: readonly string[]) => {
    const found = textAt(find(root, ...path));
    return found && { value: found.text, at: found.at };
  };
  const [table, prefix, defconfig] = [pick("image", "table"), pick("toolchain", "prefix"), pick("kernel", "defconfig")];
  return { symbols, ...(table ? { table } : {}), ...(prefix ? { prefix } : {}), ...(defconfig ? { defconfig } : {}) };
}
