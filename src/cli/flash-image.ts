import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { refuse } from "../diagnostic/failure.js";
import { type ImageMap, mapOf, plainMap } from "../flash/image-map.js";
import type { ImageSource } from "../flash/source/image-source.js";
import { openSource } from "../flash/source/open-source.js";
import type { Cli } from "./command.js";
import { loadSpec, placesFor } from "./plan-for.js";

type Flags = { readonly [name: string]: unknown };

/** An image to be written, with the map of what matters in it. */
export interface FlashImage extends AsyncDisposable {
  readonly source: ImageSource;
  readonly map: ImageMap;
  /** Where it lies, if it is a file. */
  readonly path: string;
  /** Where progress is remembered. */
  readonly journals: string;
}

/** What a word means: -, a URL, a file, or a recipe whose newest image is taken. Throws Refused or SourceFailed. */
export async function flashImage(cli: Cli, word: string, flags: Flags): Promise<FlashImage> {
  const { storeRoot } = placesFor(cli, { name: "flash", file: "flash" }, flags);
  const folder = join(storeRoot, "state", "flash");
  mkdirSync(folder, { recursive: true });
  const scratch = await mkdtemp(join(folder, "run-"));
  const done = () => rm(scratch, { recursive: true, force: true });
  try {
    const path = await pathOf(cli, word, flags);
    const log = (line: string) => void cli.stderr.write(`${line}\n`);
    const source = await openSource(path, { stdin: cli.stdin, signal: cli.signal, scratch, log });
    return { source, map: mapFor(cli, source, flags), path, journals: folder, [Symbol.asyncDispose]: done };
  } catch (error) {
    await done();
    throw error;
  }
}

async function pathOf(cli: Cli, word: string, flags: Flags): Promise<string> {
  if (word === "-" || /^https?:\/\//.test(word)) return word;
  const file = resolve(cli.cwd, word);
  if (/\.ya?ml$/.test(word) || (!existsSync(file) && !/[/.]/.test(word))) {
    const spec = await loadSpec(cli, word);
    const image = join(placesFor(cli, spec, flags).outDir, `${spec.name}.img`);
    if (existsSync(image)) return image;
    throw refuse("no-image", `${spec.name} has no image yet (${image})`, `run "boardsmith build ${word}" first`);
  }
  return file;
}

function mapFor(cli: Cli, source: ImageSource, flags: Flags): ImageMap {
  if (flags.bmap === false) return plainMap(source.size);
  if (typeof flags.bmap !== "string") {
    return source.bmap ? mapOf(source.bmap.text, source.bmap.from, source.size) : plainMap(source.size);
  }
  const path = resolve(cli.cwd, flags.bmap);
  if (!existsSync(path))
    throw refuse("bad-bmap", `there is no bmap ${flags.bmap}`, "leave --bmap out: one beside the image is found");
  return mapOf(readFileSync(path, "utf8"), flags.bmap, source.size);
}
