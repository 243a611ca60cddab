import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { isDead, ownerLabel, thisOwner } from "../../../src/engine/docker/owner.js";

test("this process is alive by its label", () => {
  expect(isDead(ownerLabel(thisOwner()))).toBe(false);
});

test("a process that ended is dead", async () => {
  const child = spawn("true");
  await new Promise((resolve) => child.once("close", resolve));
  expect(isDead(ownerLabel({ ...thisOwner(), pid: child.pid ?? 0, startTime: "1" }))).toBe(true);
});

test("a later process with the same number is another one", () => {
  expect(isDead(ownerLabel({ ...thisOwner(), startTime: "1" }))).toBe(true);
});

test("whoever lived before the last boot is dead", () => {
  expect(isDead(ownerLabel({ ...thisOwner(), bootId: "00000000-0000-4000-8000-000000000000", space: "1" }))).toBe(true);
});

test("who counts processes elsewhere (a container that shares the engine) is not ours to judge", () => {
  expect(isDead(ownerLabel({ ...thisOwner(), startTime: "1", space: "1" }))).toBe(false);
});

test.each(["", "x:y:z", "12"])("a label that is none of ours (%j) is left alone", (label) => {
  expect(isDead(label)).toBe(false);
});
