import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type FatFile, fatNeed, fatRoom, makeFat } from "../../../src/disk/fat-make.js";
import { type FatKind, fatShape } from "../../../src/disk/fat-shape.js";
import { fatVolume } from "../../../src/disk/fat-volume.js";
import { tempFolder } from "../../rig/temp-folder.js";
import { noise } from "../../rig/toy-image.js";

const MiB = 1024 ** 2;
const IDENTITY = { label: "BOARDSMITH", volumeId: "c0ffee42", hidden: 2048, epoch: 1_735_689_600 };
const FILES: readonly FatFile[] = [
  { path: "user-data", bytes: Buffer.from("#cloud-config\n") },
  { path: "network-config", bytes: Buffer.from("{}\n") },
  { path: "NETWORK-CONTRARY", bytes: Buffer.alloc(0) },
  { path: "ignition/config.ign", bytes: noise(70_000, 1) },
  { path: "a/folder with a long name/README", bytes: noise(513, 2) },
  { path: "UPPER.TXT", bytes: noise(512, 3) },
  ...Array.from({ length: 40 }, (_, index) => ({ path: `files/${index + 1}`, bytes: noise(index * 37, index) })),
];

/** As another one reads it: the whole area, what is behind the bytes being zeros. */
function read(bytes: Buffer, size: number) {
  const whole = Buffer.concat([bytes, Buffer.alloc(size - bytes.length)]);
  const volume = fatVolume((offset, length) => whole.subarray(offset, offset + length), 0);
  const files = (volume?.files ?? []).flatMap(({ path, type, size: length, pieces }) => {
    if (type !== "file") return [];
    const content = Buffer.alloc(length);
    for (const { at, start, end } of pieces) whole.copy(content, at, start, end);
    return [{ path, bytes: content }];
  });
  return { whole, volume, files };
}

/** Paths and digests: comparing megabytes byte by byte takes the test seconds. */
const byPath = (files: readonly FatFile[]) =>
  files.map(({ path, bytes }) => `${path} ${createHash("sha256").update(bytes).digest("hex")}`).sort();

describe.each<readonly [FatKind, number]>([
  ["fat12", MiB],
  ["fat12", 16 * MiB],
  ["fat16", 3 * MiB],
  ["fat16", 8 * MiB],
  ["fat32", 34 * MiB],
])("a %s of %i bytes", (kind, size) => {
  const shape = fatShape(size, kind);
  if (!shape) throw new Error("no shape");

  test("gives back what was put in, under the names it was given", () => {
    const bytes = makeFat(shape, IDENTITY, FILES);
    if (!bytes) throw new Error("does not fit");
    const { volume, files } = read(bytes, size);
    expect([volume?.filesystem, volume?.label, volume?.uuid]).toEqual([
      kind,
      "BOARDSMITH",
      "C0FFEE42".replace(/^.{4}/, "$&-"),
    ]);
    expect(byPath(files)).toEqual(byPath(FILES));
  });

  test("is the same every time, in whatever order the files come", () => {
    const bytes = makeFat(shape, IDENTITY, FILES) as Buffer;
    expect(makeFat(shape, IDENTITY, [...FILES].reverse())?.equals(bytes)).toBe(true);
  });

  test("takes as much as it says, and no more", () => {
    const most = { path: "most", bytes: Buffer.alloc(fatRoom(shape) - (kind === "fat32" ? 512 : 0), 7) };
    expect(makeFat(shape, IDENTITY, [most])?.at(-1)).toBe(7);
    const more = { path: "most", bytes: Buffer.alloc(fatRoom(shape) + 1) };
    expect(makeFat(shape, IDENTITY, [more])).toBeUndefined();
    expect(fatNeed(shape, [more])).toBeGreaterThan(fatRoom(shape));
  });

  test.runIf(existsSync("/usr/sbin/fsck.fat"))("is without a fault to fsck.fat", async () => {
    const path = join(await tempFolder(), "area");
    writeFileSync(path, read(makeFat(shape, IDENTITY, FILES) as Buffer, size).whole);
    const said = execFileSync("/usr/sbin/fsck.fat", ["-n", path], { encoding: "utf8" });
    expect(said).toMatch(new RegExp(`${FILES.length + 5} files, \\d+/${shape.clusters} clusters\\n$`));
  });
});

test("a size is one kind's or another's, by its number of clusters alone", () => {
  expect(fatShape(MiB, "fat16")).toBeUndefined();
  expect(fatShape(32 * MiB, "fat32")).toBeUndefined();
  expect([64, 128].map((size) => fatShape(size * MiB, "fat16")?.perCluster)).toEqual([2, 4]);
});

test("more names than the root folder of a FAT16 holds do not fit", () => {
  const shape = fatShape(8 * MiB, "fat16");
  const names = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ path: `F${index}`, bytes: Buffer.alloc(0) }));
  if (!shape) throw new Error("no shape");
  expect(makeFat(shape, IDENTITY, names(511))).toBeDefined();
  expect(makeFat(shape, IDENTITY, names(512))).toBeUndefined();
});
