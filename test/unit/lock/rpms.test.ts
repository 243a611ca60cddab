import { describe, expect, test } from "vitest";
import { renderDiagnostics } from "../../../src/diagnostic/render.js";
import { rpmLayers } from "../../../src/lock/rpm-layers.js";
import { plan } from "../../../src/plan/plan.js";
import type { Step } from "../../../src/plan/step.js";
import type { LockFile } from "../../../src/recipe/lock.js";
import { lockChanges } from "../../../src/recipe/lock-changes.js";
import { lockedPins, pinsFor, rpmWish } from "../../../src/recipe/lock-file.js";
import { formatLock, parseLock } from "../../../src/recipe/lock-text.js";
import type { RpmPin } from "../../../src/recipe/pins.js";
import type { RpmRootfsSpec, Spec } from "../../../src/recipe/spec.js";
import { packagesSteps } from "../../../src/steps/packages.js";
import { rootfsSteps } from "../../../src/steps/rootfs.js";
import { rpmsSteps } from "../../../src/steps/rpms.js";
import { ASSETS, cardSpec } from "../../rig/card.js";

const SHA256 = "ab".repeat(32);
const SHA512 = "cd".repeat(64);
const KEY = { path: "/r/oss.asc", shown: "oss.asc", kind: "file", sha256: SHA256 } as const;
const ROOTFS: RpmRootfsSpec = {
  kind: "rpm",
  distro: "opensuse",
  arch: "armv7hl",
  repositories: {
    update: { url: "http://download.example.org/update", priority: 90, keys: [] },
    oss: { url: "http://download.example.org/oss", priority: 99, keys: [KEY] },
  },
  packages: ["lvm2", "bash", "bash"],
  patterns: ["minimal_base"],
  exclude: [],
  recommends: false,
};
const specOf = (rootfs: Partial<RpmRootfsSpec> = {}): Spec => ({
  ...cardSpec(),
  rootfs: { ...ROOTFS, ...rootfs },
});
const rpm = (name: string, version: string, more: Partial<RpmPin> = {}): RpmPin => ({
  name,
  version,
  arch: "armv7hl",
  repository: "oss",
  path: `armv7hl/${name}-${version.replace(/^\d+:/, "")}.armv7hl.rpm`,
  size: 7,
  checksum: `sha256:${SHA256}`,
  ...more,
});
const wish = rpmWish(specOf());
if (!wish) throw new Error("a wish was expected");
const SET = [rpm("lvm2", "2:2.03~rc1-1.1"), rpm("bash", "5.2^git1-1", { checksum: `sha512:${SHA512}` })];
const LOCK: LockFile = { sources: {}, rpms: { wish, set: SET } };
const TEXT = `# Pins of recipe "card", written by \`boardsmith lock card\`. Keep it beside the recipe; change it with
# \`boardsmith lock card --update\`.
lock: 1
rpms:
  for:
    distro: opensuse
    arch: armv7hl
    recommends: false
    repositories:
      oss:
        url: http://download.example.org/oss
        priority: 99
      update:
        url: http://download.example.org/update
        priority: 90
    patterns:
      - minimal_base
    packages:
      - bash
      - lvm2
    exclude: []
  set:
    - { name: bash, version: 5.2^git1-1, arch: armv7hl, repository: oss, path: armv7hl/bash-5.2^git1-1.armv7hl.rpm, size: 7, checksum: sha512:${SHA512} }
    - { name: lvm2, version: 2:2.03~rc1-1.1, arch: armv7hl, repository: oss, path: armv7hl/lvm2-2.03~rc1-1.1.armv7hl.rpm, size: 7, checksum: sha256:${SHA256} }
`;

const told = (spec: Spec) => {
  const found = pinsFor(spec, { path: "/r/card.lock.yaml", text: TEXT });
  expect(found.pins).toBeUndefined();
  return renderDiagnostics(found.diagnostics, { cwd: "/r" }).split("\n")[0];
};
const stale = "card.lock.yaml:4:1: error: the packages of the root filesystem";

describe("a locked set of rpm packages", () => {
  test("is a line each, sorted, and reads back as it was", () => {
    expect(formatLock("card", LOCK)).toBe(TEXT);
    expect(parseLock("card.lock.yaml", TEXT).lock).toMatchObject({ rpms: { wish, set: [SET[1], SET[0]] } });
    expect(pinsFor(specOf(), { path: "/r/card.lock.yaml", text: TEXT }).pins?.rpms).toHaveLength(2);
  });

  test.each([
    ["path: armv7hl/bash", "path: /armv7hl/bash"],
    ["path: armv7hl/bash", "path: armv7hl/../../bash"],
    ["path: armv7hl/bash", "path: ../bash"],
    ["checksum: sha512:cd", "checksum: md5:cd"],
    ["checksum: sha512:cd", "checksum: sha256:cd"],
    ["name: bash", "name: ba sh"],
  ])("refuses %s written as %s", (from, to) => {
    const { lock, diagnostics } = parseLock("card.lock.yaml", TEXT.replace(from, to));
    expect(lock).toBeUndefined();
    expect(diagnostics).toHaveLength(1);
  });

  test("goes stale with what the recipe asks for, and says by what", () => {
    expect(told(specOf({ packages: ["bash"] }))).toBe(`${stale} changed since they were locked: -lvm2 [lock-stale]`);
    expect(told(specOf({ patterns: ["minimal_base", "x11"] }))).toBe(
      `${stale} changed since they were locked: +pattern:x11 [lock-stale]`,
    );
    expect(told(specOf({ exclude: ["nano"] }))).toBe(
      `${stale} changed since they were locked: +exclude:nano [lock-stale]`,
    );
    expect(told(specOf({ recommends: true }))).toBe(
      `${stale} were locked without recommended packages, and are with them now [lock-stale]`,
    );
    const { oss, update } = ROOTFS.repositories;
    if (!oss || !update) throw new Error("two repositories were expected");
    expect(told(specOf({ repositories: { oss } }))).toBe(
      `${stale} are of other repositories since they were locked: -update [lock-stale]`,
    );
    expect(told(specOf({ repositories: { oss, update: { ...update, url: "http://www.example.org/u" } } }))).toBe(
      `${stale} were locked from update at http://download.example.org/update, and it is at http://www.example.org/u now [lock-stale]`,
    );
    expect(told(specOf({ repositories: { oss: { ...oss, priority: 10 }, update } }))).toBe(
      `${stale} were locked with priority 99 of oss, and it has 10 now [lock-stale]`,
    );
  });

  test("stays when only keys change: they are asked when packages are fetched", () => {
    const { oss, update } = ROOTFS.repositories;
    if (!oss || !update) throw new Error("two repositories were expected");
    const spec = specOf({ repositories: { oss: { ...oss, keys: [] }, update } });
    expect(lockedPins(spec, LOCK).pins.rpms).toEqual(SET);
  });

  test("shows what an update changes", () => {
    const set = [rpm("bash", "5.3-1"), rpm("zypper", "1-1")];
    expect(lockChanges(LOCK, { sources: {}, rpms: { wish, set } })).toEqual([
      "packages: bash 5.2^git1-1 → 5.3-1, -lvm2, +zypper 1-1",
    ]);
    const again = [SET[0] as RpmPin, rpm("bash", "5.2^git1-1")];
    expect(lockChanges(LOCK, { sources: {}, rpms: { wish, set: again } })).toEqual([
      "packages: bash 5.2^git1-1 with other bytes",
    ]);
    expect(lockChanges(undefined, LOCK)).toEqual(["packages: 2 of opensuse"]);
  });
});

describe("the step that fetches them", () => {
  const step = (rootfs: Partial<RpmRootfsSpec> = {}, set = SET, mirror = "") =>
    rpmsSteps({ ...ROOTFS, ...rootfs }, set, ASSETS, mirror === "" ? [] : [{ from: "http://", to: mirror }])[0] as Step;
  const key = (...args: Parameters<typeof step>) => plan("card", [step(...args)], []).steps[0]?.key;

  test("lists packages with repository, checksum, file and URL; `^` has no place in a URL", () => {
    expect(step().inputs[0]).toEqual({
      name: "list",
      from: {
        text: `0 sha512 ${SHA512} bash-5.2^git1-1.armv7hl.rpm http://download.example.org/oss/armv7hl/bash-5.2%5Egit1-1.armv7hl.rpm
0 sha256 ${SHA256} lvm2-2.03~rc1-1.1.armv7hl.rpm http://download.example.org/oss/armv7hl/lvm2-2.03~rc1-1.1.armv7hl.rpm
`,
      },
    });
    expect(step().inputs[1]).toEqual({ name: "key-0-0", from: { local: KEY } });
  });

  test("is the same by another mirror, from another place, in another order; and another with other bytes or keys", () => {
    const { oss, update } = ROOTFS.repositories;
    if (!oss || !update) throw new Error("two repositories were expected");
    const same = key();
    expect(key({}, SET, "http://mirror.example/")).toBe(same);
    expect(key({ repositories: { oss: { ...oss, url: "http://www.example.org" }, update } })).toBe(same);
    expect(key({}, [...SET].reverse())).toBe(same);
    expect(key({}, [rpm("bash", "5.3-1")])).not.toBe(same);
    expect(key({ repositories: { oss: { ...oss, keys: [] }, update } })).not.toBe(same);
  });
});

describe("what comes to a locked set", () => {
  const base = ["a", "b", "c", "d"].map((name) => rpm(name, "1-1"));

  test("is a transaction of its own while all of the set stays as it was", () => {
    const more = rpmLayers(base, [...base, rpm("e", "1-1")]);
    expect(more.filter((pin) => pin.added).map(({ name }) => name)).toEqual(["e"]);
    const still = rpmLayers(more, [...base, rpm("e", "1-1")]);
    expect(still).toEqual(more);
    const lock = { sources: {}, rpms: { wish, set: more } };
    const text = formatLock("card", lock);
    expect(text).toMatch(/\n {2}added:\n {4}- \{ name: e, /);
    expect(parseLock("card.lock.yaml", text).lock?.rpms?.set).toEqual(more);
  });

  test("is part of the one transaction when something else changed, when there is much of it, or nothing was locked", () => {
    const e = rpm("e", "1-1");
    const solved = [
      rpmLayers(undefined, [...base, e]),
      rpmLayers(base, [...base.slice(1), e]),
      rpmLayers(base, [...base.slice(1), rpm("a", "1-2"), e]),
      rpmLayers(base, [...base.slice(1), rpm("a", "1-1", { checksum: `sha512:${SHA512}` }), e]),
      rpmLayers(base, [...base, e, rpm("f", "1-1")]),
      rpmLayers(base, base),
    ];
    expect(solved.flat().filter((pin) => pin.added)).toEqual([]);
  });

  test("keeps the key of what is installed first", () => {
    const pins = { sources: {}, rpms: base };
    const steps = (rpms: readonly RpmPin[]) =>
      plan(
        "card",
        [
          ...packagesSteps(specOf(), { ...pins, rpms }, ASSETS),
          ...rootfsSteps(specOf(), { ...pins, rpms }, ASSETS).filter(({ id }) => id.startsWith("rootfs")),
        ],
        [],
      ).steps;
    const before = steps(base);
    const after = steps(rpmLayers(base, [...base, rpm("e", "1-1")]));
    expect(before.map(({ step }) => step.id)).toEqual(["packages", "rootfs"]);
    expect(after.map(({ step }) => step.id)).toEqual(["packages", "packages:added", "rootfs:first", "rootfs"]);
    expect(after.find(({ step }) => step.id === "rootfs:first")?.key).toBe(before[1]?.key);
  });
});
