import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digestFile, digestOutput, digestSparse, digestTree } from "../../../src/store/digest.js";
import { tempFolder } from "../../rig/temp-folder.js";

const BLOCK = 4096;

/** A file with data at some offsets and holes elsewhere. */
async function sparse(path: string, size: number, pieces: readonly (readonly [number, Buffer])[]): Promise<void> {
  writeFileSync(path, "");
  truncateSync(path, size);
  const file = await open(path, "r+");
  for (const [at, data] of pieces) await file.write(data, 0, data.length, at);
  await file.close();
}

describe("files", () => {
  test("the digest is SHA-256 of the bytes, across many reads", async () => {
    const path = join(await tempFolder(), "f");
    const data = Buffer.alloc(3 * (1 << 20) + 17, "boardsmith");
    writeFileSync(path, data);
    expect(await digestFile(path)).toBe(createHash("sha256").update(data).digest("hex"));
    writeFileSync(path, "");
    expect(await digestFile(path)).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });
});

describe("images", () => {
  test("how holes are laid out does not matter, nor does a map of what is mapped", async () => {
    const folder = await tempFolder();
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 << 20 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 3 << 20 }), fc.uint8Array({ minLength: 1, maxLength: 9000 })), {
          maxLength: 6,
        }),
        async (size, raw) => {
          const pieces = raw
            .filter(([at]) => at < size)
            .map(([at, data]) => [at, Buffer.from(data).subarray(0, size - at)] as const);
          const [holes, full] = [join(folder, "holes"), join(folder, "full")];
          await sparse(holes, size, pieces);
          const flat = Buffer.alloc(size);
          for (const [at, data] of pieces) data.copy(flat, at);
          writeFileSync(full, flat);
          const digest = await digestSparse(holes);
          expect(await digestSparse(full)).toBe(digest);
          const mapped = pieces.map(([at, data]) => [at, data.length] as const);
          expect(await digestSparse(holes, mapped)).toBe(digest);
          expect(await digestSparse(full, [...mapped].reverse())).toBe(digest);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("size, place and bytes all matter", async () => {
    const folder = await tempFolder();
    const digests = new Set<string>();
    const data = Buffer.alloc(BLOCK, 7);
    for (const [size, at, piece] of [
      [10 * BLOCK, 0, data],
      [10 * BLOCK, BLOCK, data],
      [11 * BLOCK, BLOCK, data],
      [10 * BLOCK, BLOCK, Buffer.alloc(BLOCK, 8)],
      [10 * BLOCK, BLOCK, Buffer.alloc(2 * BLOCK, 7)],
      [10 * BLOCK, 0, Buffer.alloc(0)],
    ] as const) {
      const path = join(folder, `${digests.size}`);
      await sparse(path, size, [[at, piece]]);
      digests.add(await digestSparse(path));
    }
    expect(digests.size).toBe(6);
  });

  test("a map beside the image spares reading what it leaves out", async () => {
    const path = join(await tempFolder(), "image");
    await sparse(path, 64 * BLOCK, [[5 * BLOCK, Buffer.alloc(100, 1)]]);
    const whole = await digestOutput(path, "sparse");
    writeFileSync(`${path}.map.json`, JSON.stringify([[5 * BLOCK + 8, 50]]));
    expect(await digestOutput(path, "sparse")).toBe(whole);
    // A map that lies is believed: that is how one sees that it is used.
    writeFileSync(`${path}.map.json`, "[]");
    expect(await digestOutput(path, "sparse")).not.toBe(whole);
  });
});

describe("trees", () => {
  test("names, bytes, links and the executable bit matter, other modes and times do not", async () => {
    const folder = await tempFolder();
    mkdirSync(join(folder, "etc/empty"), { recursive: true });
    writeFileSync(join(folder, "etc/motd"), "hello\n");
    symlinkSync("motd", join(folder, "etc/link"));
    const first = await digestTree(folder);
    chmodSync(join(folder, "etc/motd"), 0o600);
    expect(await digestTree(folder)).toBe(first);
    const seen = new Set([first]);
    chmodSync(join(folder, "etc/motd"), 0o700);
    seen.add(await digestTree(folder));
    writeFileSync(join(folder, "etc/motd"), "hullo\n");
    seen.add(await digestTree(folder));
    symlinkSync("empty", join(folder, "etc/other"));
    seen.add(await digestTree(folder));
    mkdirSync(join(folder, "var"));
    seen.add(await digestTree(folder));
    expect(seen.size).toBe(5);
  });

  test("a file's tree digest is its file digest", async () => {
    const path = join(await tempFolder(), "f");
    writeFileSync(path, "x");
    expect(await digestTree(path)).toBe(await digestFile(path));
  });
});
