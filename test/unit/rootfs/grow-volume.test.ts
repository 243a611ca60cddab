import { expect, test } from "vitest";
import type { GroupSpec, PartitionSpec, VolumeSpec } from "../../../src/recipe/spec.js";
import { type ProvisionArgs, provisionStep } from "../../../src/steps/provision.js";
import { ASSETS, CARD_IMAGE, cardSpec } from "../../rig/card.js";

const MiB = 1024 ** 2;
const [BOOT, ROOT] = CARD_IMAGE.partitions as [PartitionSpec, PartitionSpec];
const volume = (
  name: string,
  content: VolumeSpec["content"],
  size: VolumeSpec["size"],
  mount?: string,
): VolumeSpec => ({
  name,
  content,
  size,
  label: name,
  ...(mount === undefined ? {} : { mount }),
});
const group = (...volumes: VolumeSpec[]): GroupSpec => ({
  name: "pv",
  content: "lvm",
  size: { rest: true },
  group: "system",
  extentSize: 4 * MiB,
  volumes,
});
const FIXED = { bytes: 100 * MiB };
const REST = { rest: true } as const;

/** What the first boot is told to enlarge. */
function grows(...partitions: PartitionSpec[]): ProvisionArgs["growVolume"] {
  const { action } = provisionStep(cardSpec({ ...CARD_IMAGE, partitions }), ASSETS);
  if (action.kind !== "op") throw new Error("no op");
  return (action.args as unknown as ProvisionArgs).growVolume;
}

test("the volume that has the rest grows", () => {
  const data = volume("data", "empty", REST, "/srv");
  expect(grows(BOOT, group(volume("root", "root", FIXED), data))).toEqual({ name: "system/data", mount: "/srv" });
});

test("without one that can, it is the root filesystem's", () => {
  const root = volume("root", "root", FIXED);
  expect(grows(BOOT, group(root, volume("data", "empty", FIXED)))).toEqual({ name: "system/root" });
  expect(grows(BOOT, group(root, volume("swap", "swap", REST)))).toEqual({ name: "system/root" });
  expect(grows(BOOT, group(root, volume("guest", "payload", REST)))).toEqual({ name: "system/root" });
});

test("a group without either takes the room itself", () => {
  expect(grows(BOOT, ROOT, group(volume("guest", "payload", FIXED)))).toEqual({ name: "system/" });
});

test("a group with a partition behind it stays as it is", () => {
  expect(grows(BOOT, group(volume("data", "empty", FIXED)), ROOT)).toBeUndefined();
});
