import { expect, test } from "vitest";
import type { Pins } from "../../../src/recipe/pins.js";
import type { Spec } from "../../../src/recipe/spec.js";
import { manifest } from "../../../src/report/manifest.js";
import type { Result } from "../../../src/store/store.js";
import { diamond } from "../../rig/small-plan.js";

const SPEC = {
  name: "toy",
  description: "A toy",
  board: { name: "cubieboard" },
  epoch: 1_700_000_000,
  file: "/home/ada/recipes/toy.yaml",
  provision: { users: [{ name: "ada", passwordHash: "$6$salt$hash" }] },
} as unknown as Spec;
const PINS: Pins = { sources: { linux: { kind: "http", sha256: "f".repeat(64) } } };

const result = (key: string, kind: "file" | "sparse", at: string, seconds: number): Result => ({
  key,
  step: "d",
  facts: {},
  outputs: { result: { digest: "d".repeat(64), size: 7, kind } },
  seconds,
  at,
});

test("the same build gives the same manifest, whenever and wherever it ran, without secrets or paths", () => {
  const plan = diamond();
  const made = (at: string, seconds: number) =>
    manifest({
      plan,
      results: new Map([["d", result("k", "sparse", at, seconds)]]),
      spec: SPEC,
      pins: PINS,
      version: "1.2.3",
      xenRelease: "4.17",
      packages: "lvm2 2.03.31-2 armhf\nudev 257 armhf\n",
      proof: JSON.stringify({ verdict: "proven", summary: "login reached", host: { load: seconds } }),
    });
  const text = made("2026-01-01T00:00:00Z", 3);
  expect(made("2027-01-01T00:00:00Z", 9)).toBe(text);
  expect(text).not.toMatch(/\$6\$|\/home\/ada/);
  const bill = JSON.parse(text);
  expect(bill).toMatchObject({
    recipe: "toy",
    board: "cubieboard",
    epoch: 1_700_000_000,
    xen: "4.17",
    proven: true,
    proof: { verdict: "proven", summary: "login reached" },
    files: [{ name: "toy.img", step: "d", output: "result", size: 7, sparseDigest: "d".repeat(64) }],
    packages: [
      { name: "lvm2", version: "2.03.31-2", arch: "armhf" },
      { name: "udev", version: "257", arch: "armhf" },
    ],
  });
  expect(bill.sources).toEqual(PINS.sources);
  expect(bill.steps.map(({ id, key }: { id: string; key: string }) => [id, key])).toEqual(
    plan.steps.map(({ step, key }) => [step.id, key]),
  );
  expect(bill.tools.map(({ name }: { name: string }) => name)).toEqual(["build"]);
});

test("an image that was not booted, or whose proof failed, is not proven", () => {
  const bill = (proof: string | undefined) =>
    JSON.parse(
      manifest({
        plan: diamond(),
        results: new Map(),
        spec: SPEC,
        pins: PINS,
        version: "1.2.3",
        packages: "",
        ...(proof === undefined ? {} : { proof }),
      }),
    );
  expect(bill(undefined)).toMatchObject({ proven: false, proof: null, files: [], packages: [] });
  expect(bill('{"verdict":"failed"}').proven).toBe(false);
  expect(bill('{"verdict":"proven-to-kernel"}').proven).toBe(false);
});
