import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadMirrors } from "../../../src/cli/mirrors.js";
import { Refused } from "../../../src/diagnostic/failure.js";
import { renderDiagnostics } from "../../../src/diagnostic/render.js";
import { mirrorLines, parseMirror, rewrite } from "../../../src/util/mirror.js";
import { tempFolder } from "../../rig/temp-folder.js";

test("the longest beginning wins, once", () => {
  const mirrors = [
    { from: "https://a.example/", to: "https://b.example/" },
    { from: "https://a.example/pub/", to: "https://c.example/x/" },
    { from: "https://b.example/", to: "https://d.example/" },
  ];
  expect(rewrite("https://a.example/pub/f.tar", mirrors)).toBe("https://c.example/x/f.tar");
  expect(rewrite("https://a.example/f.tar", mirrors)).toBe("https://b.example/f.tar");
  expect(rewrite("https://other.example/f.tar", mirrors)).toBe("https://other.example/f.tar");
  expect(mirrorLines(mirrors.slice(0, 1))).toBe("https://a.example/ https://b.example/\n");
});

test("FROM=TO is split where TO begins", () => {
  expect(parseMirror("https://a.example/=https://b.example/?x=1")).toEqual({
    from: "https://a.example/",
    to: "https://b.example/?x=1",
  });
  expect(parseMirror("https://a.example/?q=1=/srv/mirror")).toEqual({
    from: "https://a.example/?q=1",
    to: "/srv/mirror",
  });
  expect(parseMirror("https://a.example/")).toEqual({ wrong: "there is no URL to fetch from instead" });
  expect(parseMirror("https://a.example/=b")).toEqual({ wrong: '"b" is no URL to fetch from instead' });
  expect(parseMirror("=https://b.example/")).toEqual({ wrong: "there is no URL to replace" });
});

test("flag, environment, working folder and user's file, the first one named holds", async () => {
  const folder = await tempFolder();
  mkdirSync(join(folder, "home", ".config", "boardsmith"), { recursive: true });
  writeFileSync(
    join(folder, "home", ".config", "boardsmith", "config.yaml"),
    "mirrors: { 'https://a/': 'https://4/', 'https://d/': 'https://4/' }\n",
  );
  writeFileSync(
    join(folder, "boardsmith.config.yaml"),
    "mirrors:\n  https://a/: https://3/\n  https://c/: https://3/\n",
  );
  const env = { HOME: join(folder, "home"), BOARDSMITH_MIRRORS: "https://a/=https://2/\nhttps://b/=https://2/" };
  expect(await loadMirrors({ cwd: folder, env }, { mirror: ["https://a/=https://1/"] })).toEqual([
    { from: "https://a/", to: "https://1/" },
    { from: "https://b/", to: "https://2/" },
    { from: "https://c/", to: "https://3/" },
    { from: "https://d/", to: "https://4/" },
  ]);
});

test("every mistake is told with its place", async () => {
  const folder = await tempFolder();
  writeFileSync(join(folder, "boardsmith.config.yaml"), "mirrors:\n  https://a/: nowhere\nmirorrs: {}\n");
  const error = await loadMirrors(
    { cwd: folder, env: { HOME: folder, BOARDSMITH_MIRRORS: "x" } },
    { mirror: ["y=z"] },
  ).catch((e) => e);
  expect(error).toBeInstanceOf(Refused);
  expect(renderDiagnostics((error as Refused).diagnostics, { cwd: folder })).toBe(
    `error: --mirror y=z: "z" is no URL to fetch from instead [bad-mirror]
  help: write FROM=TO, for example https://old.example/=https://new.example/

error: BOARDSMITH_MIRRORS: x: there is no URL to fetch from instead [bad-mirror]
  help: write FROM=TO, for example https://old.example/=https://new.example/

boardsmith.config.yaml:3:1: error: unknown key "mirorrs" [unknown-key]
  3 | mirorrs: {}
    | ^^^^^^^
  help: did you mean "mirrors"?

3 errors`,
  );
  writeFileSync(join(folder, "boardsmith.config.yaml"), "mirrors:\n  https://a/: nowhere\n");
  const placed = await loadMirrors({ cwd: folder, env: { HOME: folder } }, {}).catch((e) => e);
  expect(renderDiagnostics((placed as Refused).diagnostics, { cwd: folder })).toBe(
    `boardsmith.config.yaml:2:15: error: mirror of "https://a/": "nowhere" is no URL to fetch from instead [bad-mirror]
  2 |   https://a/: nowhere
    |               ^^^^^^^

1 error`,
  );
});
