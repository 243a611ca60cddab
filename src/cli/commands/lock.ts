import { relative } from "node:path";
import { refuse } from "../../diagnostic/failure.js";
import { lock } from "../../lock/lock.js";
import { readLock, writeLock } from "../../lock/lock-on-disk.js";
import { pinsFor } from "../../recipe/lock-file.js";
import { parseLock } from "../../recipe/lock-text.js";
import { openStore } from "../../store/open.js";
import { assets } from "../assets.js";
import type { CommandBody } from "../command.js";
import { loadMirrors } from "../mirrors.js";
import { obtainEngine } from "../offer-engine.js";
import { loadSpec, lockFileOf, placesFor } from "../plan-for.js";

/** `boardsmith lock RECIPE [--update [SOURCE…]]`: pins what is missing or stale, or moves pins forward, and prints what changed. */
export const run: CommandBody = async (cli, args, flags) => {
  const [recipe = ""] = args;
  const spec = await loadSpec(cli, recipe);
  const mirrors = await loadMirrors(cli, flags);
  const path = lockFileOf(spec);
  const file = await readLock(path);
  const shown = relative(cli.cwd, path);
  const say = (line: string) => cli.stdout.write(`${line}\n`);
  const update = (flags.update as boolean | readonly string[] | undefined) ?? false;

  const { pins } = pinsFor(spec, file);
  if (pins !== undefined && file === undefined) {
    say(`${spec.name} needs no lock file: nothing in it moves`);
    return 0;
  }
  if (flags.offline === true) {
    if (pins === undefined || update !== false) {
      throw refuse("offline-missing", `locking ${spec.name} needs a network`, "run the command without --offline");
    }
    say(`${shown} is up to date`);
    return 0;
  }

  // A lock file that cannot be read is made anew: what it should have said can be asked for.
  const parsed = file === undefined ? undefined : parseLock(file.path, file.text);
  if (parsed && parsed.lock === undefined)
    say(`${shown} cannot be read and is made anew: ${parsed.diagnostics[0]?.message}`);
  let engine: ReturnType<typeof obtainEngine> | undefined;
  try {
    const store = await openStore(placesFor(cli, spec, flags).storeRoot);
    const made = await lock(spec, {
      engine: () => (engine ??= obtainEngine(cli, { yes: flags.yes === true, mirrors })),
      store,
      assets: assets(cli.home),
      previous: parsed?.lock,
      update,
      mirrors,
      signal: cli.signal,
      say,
    });
    for (const line of made.changes) say(line);
    if (made.changes.length === 0 && pins !== undefined) {
      say(`${shown} is up to date`);
      return 0;
    }
    await writeLock(path, spec.name, made.lock);
    say(`wrote ${shown}`);
    return 0;
  } finally {
    await (await engine?.catch(() => undefined))?.close();
  }
};
