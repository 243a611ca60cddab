import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { nodeFiles } from "../../../src/cli/node-files.js";
import { renderDiagnostics } from "../../../src/diagnostic/render.js";
import { loadRecipe } from "../../../src/recipe/load.js";

const home = join(import.meta.dirname, "../../..");
const folder = join(home, "test/bad");
const names = readdirSync(folder)
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => name.slice(0, -".yaml".length));

describe("bad recipes", () => {
  test.each(names)("%s: the whole message", async (name) => {
    const { spec, diagnostics } = await loadRecipe(join(folder, `${name}.yaml`), nodeFiles(), { cwd: home, home });
    expect(spec).toBeUndefined();
    const text = `${renderDiagnostics(diagnostics, { cwd: folder })}\n`.replaceAll(`${folder}/`, "");
    await expect(text).toMatchFileSnapshot(join(folder, `${name}.txt`));
  });

  test("no secret reaches a message", () => {
    for (const name of names)
      expect(readFileSync(join(folder, `${name}.txt`), "utf8")).not.toMatch(/s3cret|ada:secret|saltsalt|OPENSSH/);
  });

  test("every code that recipes, boards and their files can give is shown by one of them or by the board tests", () => {
    const said = names.flatMap((name) => [
      ...readFileSync(join(folder, `${name}.txt`), "utf8").matchAll(/ \[([a-z0-9-]+)\]$/gm),
    ]);
    const shown = new Set(said.map((match) => match[1]));
    // Boards' own files and names given on the command line are tested where they are loaded; custom is zod's word.
    const elsewhere = new Set(["unknown-soc", "address-outside-dram", "unknown-recipe", "custom"]);
    expect(
      [...codesIn("recipe"), ...codesIn("board"), ...codesIn("diagnostic")].filter(
        (c) => !shown.has(c) && !elsewhere.has(c),
      ),
    ).toEqual([]);
  });
});

/** Codes that the sources of a room name, by the calls that make diagnostics. */
function codesIn(room: string): readonly string[] {
  const root = join(home, "src", room);
  const mine = /checks|schema|load|extend|local|find|fragment|yaml|validate|rules/;
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && mine.test(file) && !file.startsWith("lock"))
    .flatMap((file) => [
      ...readFileSync(join(root, file), "utf8").matchAll(
        /(?:code: |\b(?:wrong|doubtful|mistake|error|unknown|refuse|#error)\(\s*)"([a-z0-9-]+)"/g,
      ),
    ])
    .flatMap((match) => match[1] ?? []);
}
