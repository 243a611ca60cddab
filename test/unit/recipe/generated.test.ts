import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { generated } from "../../../src/cli/generated.js";

const home = join(import.meta.dirname, "../../..");
const example = readFileSync(join(home, "test/good/everything.yaml"), "utf8");

describe("what is made from schemas, boards and recipes", async () => {
  test("kiwi/ holds a description of every recipe of rpm packages, and nothing else; its scripts run", async () => {
    const made = (await generated(home, example)).map(({ path }) => path).filter((path) => path.startsWith("kiwi/"));
    const there = readdirSync(join(home, "kiwi"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(relative(home, entry.parentPath), entry.name));
    expect(there.sort()).toEqual([...made].sort());
    expect(made).toContain("kiwi/mk802-opensuse-lvm/config.xml");
    for (const path of made.filter((one) => one.endsWith(".sh"))) {
      expect(statSync(join(home, path)).mode & 0o111, path).toBe(0o111);
    }
  });

  test.each(await generated(home, example))("$path is what the sources say", async ({ path, text }) => {
    expect(readFileSync(join(home, path), "utf8"), "run `npm run build && node scripts/docs.mjs`").toBe(text);
  });
});
