import { expect, test } from "vitest";
import { Budget, slowness } from "../../../src/emulate/budget.js";

function host(load: (now: number) => number) {
  let now = 100;
  return {
    now: () => now,
    load: () => load(now),
    pause: async () => {},
    pass: (seconds: number) => {
      now += seconds;
    },
  };
}

/** Wall seconds until a budget is spent, looked at each second. */
function lasts(seconds: number, load: (passed: number) => number): number {
  const world = host((now) => load(now - 100));
  const budget = new Budget(world, seconds);
  for (let passed = 1; passed <= 10_000; passed += 1) {
    world.pass(1);
    if (budget.spent()) {
      expect(budget.wall).toBe(passed);
      return passed;
    }
  }
  throw new Error("never spent");
}

test("on an idle host a limit is what it says", () => {
  expect(lasts(30, () => 0)).toBe(30);
  expect(lasts(30, () => 1)).toBe(30);
});

test("a host with four times its cores' work gets four times as long", () => {
  expect(lasts(30, () => 4)).toBe(120);
});

test("a limit stretches when load comes while it runs, and stays long when the host was loaded at the start", () => {
  expect(lasts(30, (passed) => (passed < 10 ? 0 : 2))).toBeGreaterThan(45);
  expect(lasts(30, (passed) => (passed < 10 ? 4 : 0))).toBe(120);
});

test("no load makes a limit endless", () => {
  expect(slowness(1000)).toBe(20);
});
