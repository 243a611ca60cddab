import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { nodeFiles } from "../../../src/cli/node-files.js";
import type { PlannedStep } from "../../../src/plan/step.js";
import { loadRecipe } from "../../../src/recipe/load.js";
import { formatLock } from "../../../src/recipe/lock-text.js";
import { sha256 } from "../../../src/util/canonical.js";
import { boardsmith, HOME } from "../../rig/boardsmith.js";
import { inventedLock } from "../../rig/pins.js";
import { tempFolder } from "../../rig/temp-folder.js";

/*
 * What `boardsmith plan NAME --json` says of each shipped recipe, held against test/plans/NAME.json: the diff of that
 * file is the review of what a change does to every build. After looking at it, take the new plans over with
 *
 *   npx vitest run --project unit test/unit/plan/shipped.test.ts -u
 *
 * The files leave out what would hide that: keys (they follow from the facts) and the digest of an op's compiled code,
 * which any edit of what the op imports changes. Scripts and other long texts stand as their digest: that one changed
 * is said here, how it changed is said by its own diff. A need's key stands as the need's name.
 */

const run = promisify(execFile);
const UPDATE = "the plan of this recipe changed; if it should, run this file with -u and commit test/plans";
const shipped = names(join(HOME, "recipes"), ".yaml").filter((name) => !name.endsWith(".lock"));

function names(folder: string, end: string): string[] {
  return readdirSync(folder).flatMap((file) => (file.endsWith(end) ? [file.slice(0, -end.length)] : []));
}

// Compiles first when need be, so that no two tests wait for each other.
beforeAll(() => run(join(HOME, "boardsmith"), ["--version"]), 120_000);

test.each(shipped)("%s", async (name) => {
  const cwd = await tempFolder();
  await cp(join(HOME, "recipes"), join(cwd, "recipes"), {
    recursive: true,
    filter: (path) => !path.endsWith(".lock.yaml"),
  });
  await cp(join(HOME, "kiwi"), join(cwd, "kiwi"), { recursive: true });
  const file = join(cwd, "recipes", `${name}.yaml`);
  const { spec, diagnostics } = await loadRecipe(file, nodeFiles(), { cwd, home: HOME });
  if (!spec) throw new Error(JSON.stringify(diagnostics));
  await writeFile(file.replace(/yaml$/, "lock.yaml"), formatLock(name, inventedLock(spec)));
  const env = { BOARDSMITH_STORE: join(cwd, "store"), DOCKER_HOST: "unix:///nonexistent.sock" };
  const planned = await boardsmith(["plan", name, "--json"], { cwd, env });
  expect(planned).toMatchObject({ code: 0, stderr: "" });
  await expect(readable(JSON.parse(planned.stdout)), UPDATE).toMatchFileSnapshot(
    join(HOME, "test/plans", `${name}.json`),
  );
});

test("no plan is kept of a recipe that is gone", () => {
  expect(names(join(HOME, "test/plans"), ".json").filter((name) => !shipped.includes(name))).toEqual([]);
});

interface PlanJson {
  readonly recipe: string;
  readonly steps: readonly (Pick<PlannedStep, "key" | "facts"> & { readonly id: string; readonly stored: boolean })[];
  readonly exports: unknown;
}

function readable({ recipe, steps, exports }: PlanJson): string {
  const ids = new Map(steps.map(({ id, key }) => [key, id]));
  const shown = (value: unknown): unknown => {
    if (typeof value === "string") return value.length > 160 || value.trim().includes("\n") ? digest(value) : value;
    if (Array.isArray(value)) return value.map(shown);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(
      entries.map(([name, one]) => (name === "key" && ids.has(one) ? ["step", ids.get(one)] : [name, shown(one)])),
    );
  };
  const kept = steps.map(({ key: _key, stored: _stored, facts: { code: _code, ...facts }, ...step }) => ({
    ...step,
    facts: shown(facts),
  }));
  return `${JSON.stringify({ recipe, steps: kept, exports }, undefined, 2)}\n`;
}

function digest(text: string): string {
  const lines = text.trimEnd().split("\n").length;
  return `(${lines} ${lines === 1 ? "line" : "lines"}, sha256 ${sha256(text).slice(0, 16)})`;
}
