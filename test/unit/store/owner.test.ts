import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { ended, ownerName, ownerOf, self } from "../../../src/store/owner.js";

const boot = self().place.slice(0, 13);

test("this process runs, also by its name", () => {
  expect(ended(self())).toBe(false);
  expect(ownerOf(ownerName(self()))).toEqual(self());
});

test("a process that ended has ended", async () => {
  const child = spawn("true");
  await new Promise((resolve) => child.once("close", resolve));
  expect(ended({ ...self(), pid: child.pid ?? 0, start: "1" })).toBe(true);
});

test("a later process with the same number is another one", () => {
  expect(ended({ ...self(), start: "1" })).toBe(true);
});

test("whoever ran before the last boot has ended", () => {
  expect(ended({ ...self(), place: "00000000-0000.1" })).toBe(true);
});

test("who counts processes elsewhere (a container that shares the engine) is not ours to judge", () => {
  expect(ended({ ...self(), start: "1", place: `${boot}.1` })).toBe(false);
});

test.each(["", "x:y:z", "12"])("a name that is none of ours (%j) has no owner", (name) => {
  expect(ownerOf(name)).toBeUndefined();
});
