import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { generated } from "../../../src/cli/generated.js";

const home = join(import.meta.dirname, "../../..");
const example = readFileSync(join(home, "test/good/everything.yaml"), "utf8");

describe("what is made from schemas and boards", async () => {
  test.each(await generated(home, example))("$path is what the sources say", async ({ path, text }) => {
    expect(readFileSync(join(home, path), "utf8"), "run `npm run build && node scripts/docs.mjs`").toBe(text);
  });
});
