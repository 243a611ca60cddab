import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { refuse } from "../../diagnostic/failure.js";
import { type Compared, compareImages } from "../../report/difference/compare.js";
import { isSame } from "../../report/difference/difference.js";
import { differenceText } from "../../report/difference/difference-text.js";
import { imageContent } from "../../report/difference/image-content.js";
import type { Cli, CommandBody } from "../command.js";
import { type ImageFile, openImage } from "../image-file.js";
import { loadSpec, placesFor } from "../plan-for.js";

type Flags = { readonly [name: string]: unknown };

/** `boardsmith diff A B`: in what two images differ. Like diff(1), 0 says the same, 1 says different. */
export const run: CommandBody = async (cli, [first = "", second = ""], flags) => {
  const paths = [await imageOf(cli, first, flags), await imageOf(cli, second, flags)] as const;
  using a = openImage(paths[0]);
  using b = openImage(paths[1]);
  const differences = compareImages(look(paths[0], a), look(paths[1], b));
  if (flags.json) {
    cli.stdout.write(
      `${JSON.stringify({ same: isSame(differences), a: paths[0], b: paths[1], ...differences }, null, 2)}\n`,
    );
  } else {
    cli.stdout.write(`- ${paths[0]}\n+ ${paths[1]}\n${differenceText(differences)}`);
  }
  return isSame(differences) ? 0 : 1;
};

/** The image file that a word means: a file, or a recipe's newest image. */
async function imageOf(cli: Cli, what: string, flags: Flags): Promise<string> {
  const file = resolve(cli.cwd, what);
  if (existsSync(file) && statSync(file).isFile() && !/\.ya?ml$/.test(what)) {
    if (!/\.(?:xz|zst|gz|bz2)$/.test(what)) return file;
    throw refuse("compressed-image", `${file} is compressed`, "unpack it first: the bare image is read here and there");
  }
  const spec = await loadSpec(cli, what);
  const image = join(placesFor(cli, spec, flags).outDir, `${spec.name}.img`);
  if (existsSync(image)) return image;
  throw refuse("no-image", `${spec.name} has no image yet (${image})`, `run "boardsmith build ${what}" first`);
}

function look(path: string, { read, size }: ImageFile): Compared {
  const config = `${path.replace(/\.img$/, "")}.kernel-config`;
  try {
    const content = imageContent(read, size);
    return { read, content, ...(existsSync(config) ? { config: readFileSync(config, "utf8") } : {}) };
  } catch (error) {
    // A number in it leads out of what is there.
    const why = error instanceof RangeError ? "a filesystem in it is damaged or cut off" : (error as Error).message;
    throw refuse("unreadable-image", `${path} cannot be read: ${why}`);
  }
}
