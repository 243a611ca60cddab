import { expect, test } from "vitest";
import { rootGrows } from "../../../src/disk/growth.js";
import type { GroupSpec, PartitionSpec } from "../../../src/recipe/spec.js";
import { CARD_IMAGE } from "../../rig/card.js";

const [BOOT, ROOT] = CARD_IMAGE.partitions as [PartitionSpec, PartitionSpec];
const GROUP: Omit<GroupSpec, "volumes"> = {
  name: "pv",
  content: "lvm",
  size: { rest: true },
  group: "system",
  extentSize: 4 * 1024 ** 2,
};
const root = { name: "root", content: "root", size: { bytes: 1024 ** 3 }, label: "root" } as const;
const data = { name: "data", content: "empty", size: { rest: true }, label: "data" } as const;

test("the root filesystem grows where it is what the card ends with", () => {
  expect(rootGrows({ partitions: [BOOT, ROOT] })).toBe(true);
  expect(rootGrows({ partitions: [ROOT, BOOT] })).toBe(false);
  expect(rootGrows({ partitions: [BOOT, { ...GROUP, volumes: [root] }] })).toBe(true);
  expect(rootGrows({ partitions: [BOOT, { ...GROUP, volumes: [root, data] }] })).toBe(false);
  expect(rootGrows({ partitions: [BOOT, { ...GROUP, volumes: [data] }] })).toBe(false);
});
