// Writes what is made from schemas, boards and recipes: schemas/*.json, docs/recipe.md, docs/boards.md, kiwi/.
// Run after `npm run build`; the unit tests fail while these files differ from what this writes.
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { generated } from "../dist/cli/generated.js";

const home = dirname(dirname(fileURLToPath(import.meta.url)));
const example = readFileSync(join(home, "test/good/everything.yaml"), "utf8");
const all = await generated(home, example);
// A recipe that is gone takes its description along.
rmSync(join(home, "kiwi"), { recursive: true, force: true });
for (const { path, text } of all) {
  const file = join(home, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  if (path.endsWith(".sh")) chmodSync(file, 0o755);
  console.log(path);
}
