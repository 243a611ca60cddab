// Writes what is made from schemas and boards: schemas/*.json, docs/recipe.md, docs/boards.md.
// Run after `npm run build`; the unit tests fail while these files differ from what this writes.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { generated } from "../dist/cli/generated.js";

const home = dirname(dirname(fileURLToPath(import.meta.url)));
const example = readFileSync(join(home, "test/good/everything.yaml"), "utf8");
for (const { path, text } of await generated(home, example)) {
  const file = join(home, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(path);
}
