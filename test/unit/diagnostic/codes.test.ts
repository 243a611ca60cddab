import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const home = join(import.meta.dirname, "../../..");

/** A call or literal that makes a diagnostic: its code, then its message. */
const MADE =
  /(?:\bcode: |[\w#]\(\s*)"([a-z0-9]+(?:-[a-z0-9]+)+|twice|template)",\s*(?:message\b|at\b|[`"']|[a-z]+ ?===)/g;

/** The same of a step's script or program. */
const SAID = /\b(?:diagnostic (?:error|warning)|repository_refused) "?([a-z0-9]+(?:-[a-z0-9]+)+)"? /g;

test("docs/diagnostics.md lists the codes of the sources, and no others", () => {
  const src = join(home, "src");
  const sources = readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ts|sh|py)$/.test(file))
    .map((file) => readFileSync(join(src, file), "utf8"));
  const made = new Set(
    sources.flatMap((text) =>
      [MADE, SAID].flatMap((form) => [...text.matchAll(form)].flatMap((match) => match[1] ?? [])),
    ),
  );
  const page = readFileSync(join(home, "docs/diagnostics.md"), "utf8");
  const listed = [...page.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].flatMap((match) => match[1] ?? []);
  expect([...made].filter((code) => !listed.includes(code)).sort(), "not documented").toEqual([]);
  expect(
    listed.filter((code) => !sources.some((text) => text.includes(`"${code}"`)) && !made.has(code)),
    "not in the sources",
  ).toEqual([]);
  expect(listed.length, "each once").toBe(new Set(listed).size);
});
