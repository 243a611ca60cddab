import { refuse } from "../../diagnostic/failure.js";
import { connectDocker } from "../../engine/docker/connect.js";
import { findDocker } from "../../engine/docker/find.js";
import type { Engine } from "../../engine/engine.js";
import { readLock } from "../../lock/lock-on-disk.js";
import { plan } from "../../plan/plan.js";
import { findRecipe, listRecipes } from "../../recipe/find.js";
import { lockedPins } from "../../recipe/lock-file.js";
import { parseLock } from "../../recipe/lock-text.js";
import { checkSources } from "../../sources/check.js";
import { canBeHad, type Verdict } from "../../sources/verdict.js";
import { type Wanted, wantedOf } from "../../sources/wanted.js";
import { packagesSteps } from "../../steps/packages.js";
import { sourceSteps } from "../../steps/source.js";
import { FETCH } from "../../steps/tools.js";
import { type OpenStore, openStore } from "../../store/open.js";
import type { Mirror } from "../../util/mirror.js";
import { assets } from "../assets.js";
import type { Cli, CommandBody } from "../command.js";
import { loadMirrors } from "../mirrors.js";
import { nodeFiles } from "../node-files.js";
import { loadSpec, lockFileOf, placesFor } from "../plan-for.js";
import { sourcesText } from "../sources-text.js";

/** What a recipe wants, and whether it is in the store. */
interface Listed {
  readonly recipe: string;
  /** For people: `locked`, `not locked yet`, `its lock file is out of date`. */
  readonly lock: string;
  readonly items: readonly { readonly wanted: Wanted; readonly stored: boolean }[];
}

/** `boardsmith check-sources [RECIPE…]`: is everything that recipes are fetched from still there? Fetches nothing, starts no engine. */
export const run: CommandBody = async (cli, wishes, flags) => {
  const seconds = Number(flags.timeout);
  if (!(seconds > 0 && seconds <= 600)) {
    throw refuse("usage", `--timeout ${flags.timeout} is no number of seconds`, "give one above 0, 600 at most");
  }
  const mirrors = await loadMirrors(cli, flags);
  const files = await listRecipes(nodeFiles(), cli);
  const names = wishes.length > 0 ? wishes : files.map(({ name }) => name);
  const store = await openStore(placesFor(cli, { name: "sources", file: "" }, flags).storeRoot);
  const recipes: Listed[] = [];
  for (const name of names) recipes.push(await listed(cli, name, store, mirrors));
  await using engine = await engineWithFetch(cli, mirrors);
  const verdicts = await checkSources(
    recipes.flatMap(({ items }) => items),
    {
      mirrors,
      timeout: seconds * 1000,
      signal: cli.signal,
      assets: assets(cli.home),
      store,
      say: (line) => void cli.stderr.write(`${line}\n`),
      engine: engine.get,
    },
  );
  let told = 0;
  for (const { recipe, lock, items } of recipes) {
    const own = verdicts.slice(told, told + items.length);
    told += items.length;
    cli.stdout.write(flags.json ? asJson(recipe, own) : sourcesText(`${recipe}, ${lock}`, own));
  }
  const had = verdicts.filter(canBeHad).length;
  cli.stdout.write(
    flags.json
      ? `${JSON.stringify({ type: "sources-checked", wanted: verdicts.length, had })}\n`
      : `${had === verdicts.length ? "all of it" : `${had} of ${verdicts.length}`} can be had\n`,
  );
  return had === verdicts.length ? 0 : 1;
};

async function listed(cli: Cli, name: string, store: OpenStore, mirrors: readonly Mirror[]): Promise<Listed> {
  const file = await findRecipe(name, nodeFiles(), cli);
  const spec = await loadSpec(cli, file);
  const text = await readLock(lockFileOf(spec));
  const { pins, stale } = lockedPins(spec, text && parseLock(text.path, text.text).lock);
  const own = assets(cli.home);
  const steps = [...sourceSteps(spec, pins, own, mirrors), ...packagesSteps(spec, pins, own, mirrors)];
  const stored = new Set<string>();
  for (const { step, key } of plan(spec.name, steps, []).steps) if (await store.find(key)) stored.add(step.id);
  return {
    recipe: spec.name,
    lock: stale.length === 0 ? "locked" : text === undefined ? "not locked yet" : "its lock file is out of date",
    items: wantedOf(spec, pins).map((wanted) => ({ wanted, stored: stored.has(wanted.step ?? "") })),
  };
}

/** An engine only where one answers and has the fetch tool already: a look must not install or build anything. */
async function engineWithFetch(cli: Cli, mirrors: readonly Mirror[]) {
  let engine: Engine | undefined;
  const { endpoint, version } = await findDocker(cli.env);
  if (endpoint) engine = await connectDocker(endpoint, { ...(version ? { version } : {}), mirrors });
  const has = await engine?.hasTool(FETCH);
  const found = engine;
  return {
    get: found && has ? async () => found : undefined,
    [Symbol.asyncDispose]: async () => found?.close(),
  };
}

function asJson(recipe: string, verdicts: readonly Verdict[]): string {
  return verdicts.map((verdict) => `${JSON.stringify({ type: "source", recipe, ...verdict })}\n`).join("");
}
