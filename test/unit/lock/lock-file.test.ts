import { expect, test } from "vitest";
import { renderDiagnostics } from "../../../src/diagnostic/render.js";
import type { LockFile } from "../../../src/recipe/lock.js";
import { lockChanges } from "../../../src/recipe/lock-changes.js";
import { pinsFor } from "../../../src/recipe/lock-file.js";
import { formatLock, parseLock } from "../../../src/recipe/lock-text.js";
import type { PackagePin } from "../../../src/recipe/pins.js";
import type { Spec } from "../../../src/recipe/spec.js";
import { cardSpec } from "../../rig/card.js";

const SHA = "ab".repeat(32);
const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const deb = (name: string, version: string): PackagePin => ({
  name,
  version,
  arch: "armhf",
  path: `pool/main/${name}_${version}_armhf.deb`,
  sha256: SHA,
  size: 1,
});
const LOCK: LockFile = {
  sources: {
    "u-boot": { kind: "git", url: "https://git.example/u-boot.git", ref: "branch main", commit: COMMIT },
    linux: {
      kind: "distro",
      package: "linux",
      version: "6.12.107-1",
      files: [{ path: "pool/main/l/linux/linux_6.12.107.orig.tar.xz", sha256: SHA, size: 151398592 }],
    },
  },
  packages: {
    wish: { distro: "debian", suite: "trixie", arch: "armhf", recommends: false, packages: ["lvm2"] },
    set: [deb("lvm2", "2.03"), deb("apt", "3.0")],
  },
};
const SPEC: Spec = {
  ...cardSpec(),
  sources: {
    linux: { kind: "distro", package: "linux" },
    "u-boot": {
      kind: "git",
      url: "https://git.example/u-boot.git",
      ref: { branch: "main" },
      submodules: false,
      keys: [],
    },
  },
  rootfs: { kind: "distro", distro: "debian", suite: "trixie", arch: "armhf", packages: ["lvm2"], recommends: false },
};
const TEXT = `# Pins of recipe "card", written by \`boardsmith lock card\`. Keep it beside the recipe; change it with
# \`boardsmith lock card --update\`.
lock: 1
sources:
  linux:
    distro: linux
    version: 6.12.107-1
    files:
      - { path: pool/main/l/linux/linux_6.12.107.orig.tar.xz, size: 151398592, sha256: ${SHA} }
  u-boot:
    git: https://git.example/u-boot.git
    ref: branch main
    commit: ${COMMIT}
packages:
  for:
    distro: debian
    suite: trixie
    arch: armhf
    recommends: false
    packages:
      - lvm2
  set:
    - { name: apt, version: "3.0", arch: armhf, path: pool/main/apt_3.0_armhf.deb, size: 1, sha256: ${SHA} }
    - { name: lvm2, version: "2.03", arch: armhf, path: pool/main/lvm2_2.03_armhf.deb, size: 1, sha256: ${SHA} }
`;
const file = (text: string) => ({ path: "/r/card.lock.yaml", text });
const told = (spec: Spec, text: string | undefined) => {
  const found = pinsFor(spec, text === undefined ? undefined : file(text));
  expect(found.pins).toBeUndefined();
  return renderDiagnostics(found.diagnostics, { cwd: "/r" });
};

test("a lock file's text is stable and reads back", () => {
  expect(formatLock("card", LOCK)).toBe(TEXT);
  const { lock, diagnostics } = parseLock("card.lock.yaml", TEXT);
  expect(diagnostics).toEqual([]);
  expect(lock && formatLock("card", lock)).toBe(TEXT);
  expect(pinsFor(SPEC, file(TEXT)).pins).toEqual({
    sources: LOCK.sources,
    packages: [deb("apt", "3.0"), deb("lvm2", "2.03")],
  });
});

test("a recipe that names only digests, commits and paths needs no lock file", () => {
  const spec: Spec = {
    ...SPEC,
    sources: {
      linux: { kind: "http", urls: ["https://www.example/l.tar.xz"], sha256: SHA, keys: [] },
      "u-boot": { kind: "git", url: "https://git.example/u.git", ref: { commit: COMMIT }, submodules: true, keys: [] },
    },
    rootfs: { kind: "tar", source: "none" },
  };
  expect(pinsFor(spec, undefined)).toEqual({
    pins: {
      sources: {
        linux: { kind: "http", sha256: SHA },
        "u-boot": { kind: "git", url: "https://git.example/u.git", ref: COMMIT, commit: COMMIT },
      },
    },
    diagnostics: [],
  });
});

test("everything that is not locked is told at once", () => {
  expect(told(SPEC, undefined)).toBe(`error: source "linux" is not locked [lock-stale]
  help: run "boardsmith lock card"

error: source "u-boot" is not locked [lock-stale]
  help: run "boardsmith lock card"

error: the packages of the root filesystem are not locked [lock-stale]
  help: run "boardsmith lock card"

3 errors`);
});

test("what the recipe moved away from is told with its place in the lock file", () => {
  const spec: Spec = {
    ...SPEC,
    sources: {
      linux: { kind: "distro", package: "linux", version: "6.12.90-1" },
      "u-boot": { kind: "git", url: "https://git.example/u-boot.git", ref: { tag: "v2" }, submodules: false, keys: [] },
    },
    rootfs: { kind: "distro", distro: "debian", suite: "trixie", arch: "armhf", packages: ["vim"], recommends: false },
  };
  expect(
    told(spec, TEXT),
  ).toBe(`card.lock.yaml:5:3: error: source "linux" was locked at version 6.12.107-1, and asks for 6.12.90-1 now [lock-stale]
  5 |   linux:
    |   ^^^^^
  help: run "boardsmith lock card"

card.lock.yaml:10:3: error: source "u-boot" was locked at branch main, and asks for tag v2 now [lock-stale]
  10 |   u-boot:
     |   ^^^^^^
  help: run "boardsmith lock card"

card.lock.yaml:14:1: error: the packages of the root filesystem changed since they were locked: +vim -lvm2 [lock-stale]
  14 | packages:
     | ^^^^^^^^
  help: run "boardsmith lock card"

3 errors`);
});

test("a lock file that was edited by hand is refused with the place", () => {
  expect(
    told(SPEC, TEXT.replace(COMMIT, "main")),
  ).toBe(`card.lock.yaml:13:13: error: expected a commit, 40 hex digits [bad-value]
  13 |     commit: main
     |             ^^^^
  help: run "boardsmith lock card"

1 error`);
});

test("changes read as people would say them", () => {
  const next: LockFile = {
    sources: { linux: { kind: "distro", package: "linux", version: "6.12.110-1", files: [] } },
    packages: { wish: LOCK.packages?.wish ?? expect.fail(), set: [deb("apt", "3.1"), deb("vim", "9")] },
  };
  expect(lockChanges(LOCK, next)).toEqual([
    "linux: 6.12.107-1 → 6.12.110-1",
    "u-boot: branch main at 0123456789ab, no longer used",
    "packages: apt 3.0 → 3.1, -lvm2, +vim 9",
  ]);
  expect(lockChanges(LOCK, LOCK)).toEqual([]);
});
