import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { aptScript, FORGET_MIRRORS, quote, useMirrors } from "../../../src/engine/docker/apt-script.js";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "bs-apt-"));
  mkdirSync(join(root, "etc/apt/sources.list.d"), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const sh = (script: string) => execFileSync("sh", ["-euc", script, "sh", root], { encoding: "utf8" });

test("apt's sources use the mirrors while an image is made, and are as before afterwards", () => {
  const list = join(root, "etc/apt/sources.list");
  const deb822 = join(root, "etc/apt/sources.list.d/debian.sources");
  writeFileSync(list, "deb http://archive.example/debian trixie main\n");
  writeFileSync(deb822, "URIs: http://archive.example/debian-security\n");
  const mirrors = [
    { from: "http://archive.example/", to: "https://near.example/a|b&c/" },
    { from: "http://archive.example/debian-security", to: "http://sec.example/s" },
  ];
  sh(useMirrors(mirrors));
  expect(readFileSync(list, "utf8")).toBe("deb https://near.example/a|b&c/debian trixie main\n");
  expect(readFileSync(deb822, "utf8")).toBe("URIs: http://sec.example/s\n");
  sh(FORGET_MIRRORS);
  expect(readFileSync(list, "utf8")).toBe("deb http://archive.example/debian trixie main\n");
  expect(readdirSync(join(root, "etc/apt/sources.list.d"))).toEqual(["debian.sources"]);
});

test("dots in a mirror's address mean dots", () => {
  const list = join(root, "etc/apt/sources.list");
  writeFileSync(list, "deb http://archiveXexample/ trixie main\n");
  sh(useMirrors([{ from: "http://archive.example/", to: "http://other/" }]));
  expect(readFileSync(list, "utf8")).toBe("deb http://archiveXexample/ trixie main\n");
});

test("the script is sound shell, asks apt for retries and quotes what it is given", () => {
  const script = aptScript(["xz-utils", "gcc-arm-linux-gnueabihf", "odd;name"], []);
  execFileSync("sh", ["-n", "-c", script]);
  expect(script).toContain("Acquire::Retries=3");
  expect(script).toContain("install -y -- xz-utils gcc-arm-linux-gnueabihf 'odd;name'\n");
  expect(script).not.toContain("sed ");
});

test("quoting", () => {
  for (const word of ["a", "a b", "it's", "$(x)", "", 'q"'])
    expect(execFileSync("sh", ["-c", `printf %s ${quote(word)}`], { encoding: "utf8" })).toBe(word);
});
