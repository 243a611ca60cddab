/**
 * What LVM costs: eight filesystems on a sparse card of 64 GiB, once as logical volumes of one group and once as plain
 * partitions. Same contents, same sizes, same makers, in turns.
 *
 *   npx vitest run --config test/bench/vitest.config.ts test/bench/lvm
 */
import { execFileSync } from "node:child_process";
import { createCipheriv } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parseBmap } from "../../src/disk/bmap.js";
import type { ImageSpec, PartitionSpec } from "../../src/recipe/spec.js";
import { imageSteps } from "../../src/steps/image.js";
import { ASSETS, CARD_IMAGE, cardSpec, fakeBootLoader } from "../rig/card.js";
import { writeTar } from "../rig/tar.js";

const ROUNDS = Number(process.env["ROUNDS"] ?? 5);
const MiB = 1024 ** 2;
const GiB = 1024 ** 3;
const folder = mkdtempSync(join(process.env["BENCH_FOLDER"] ?? tmpdir(), "boardsmith-bench-"));
const [BOOT] = CARD_IMAGE.partitions as [PartitionSpec];

/** Eight filesystems of 7 GiB, the first with the root filesystem in it. */
const NAMES = Array.from({ length: 8 }, (_, index) => (index === 0 ? "root" : `data-${index}`));
const parts = NAMES.map((name) => ({
  name,
  content: name === "root" ? ("root" as const) : ("empty" as const),
  label: name,
  size: { bytes: 7 * GiB },
}));
const card = (partitions: readonly PartitionSpec[]): ImageSpec => ({
  table: "gpt",
  gptEntries: MiB - 16384,
  size: 64 * GiB,
  align: 4 * MiB,
  partitions: [BOOT, ...partitions],
  compress: [],
});
const WAYS: { readonly [way: string]: ImageSpec } = {
  partitions: card(parts.map((part) => ({ ...part, filesystem: "ext4" as const }))),
  volumes: card([
    { name: "pv", content: "lvm", size: { rest: true }, group: "system", extentSize: 4 * MiB, volumes: parts },
  ]),
};

beforeAll(async () => {
  const noise = createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(24 * MiB));
  const files = Array.from({ length: 3000 }, (_, index) => {
    const size = index % 100 === 0 ? 2 * MiB : 300 + ((index * 7919) % 12_000);
    const from = (index * 1009) % (20 * MiB);
    return { name: `file-${index}`, content: noise.subarray(from, from + size) };
  });
  await writeTar(join(folder, "rootfs.tar"), files);
  await writeTar(join(folder, "boot.tar"), [{ name: "zImage", content: noise.subarray(0, 6 * MiB) }]);
  writeFileSync(join(folder, "u-boot"), fakeBootLoader(600_000));
  execFileSync("npx", ["tsc", "-p", "test/bench/tsconfig.json", "--noCheck"], { stdio: "inherit" });
  writeFileSync("node_modules/.cache/boardsmith-bench/package.json", '{"type":"module"}');
  execFileSync("cp", ["-r", "src/steps", "node_modules/.cache/boardsmith-bench/src/"]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Made {
  readonly seconds: number;
  /** Bytes of the image on the disk, and of it that a card gets. */
  readonly disk: number;
  readonly mapped: number;
}

function make(way: string, image: ImageSpec): Made {
  const step = imageSteps(cardSpec(image), ASSETS).find(({ id }) => id === "image");
  if (step?.action.kind !== "op") throw new Error("no step image");
  const { args, scripts } = step.action;
  const at = (name: string) => join(folder, name);
  const inputs = { rootfs: at("rootfs.tar"), boot: at("boot.tar"), "u-boot": at("u-boot") };
  mkdirSync(at(way));
  writeFileSync(at("job.json"), JSON.stringify({ args, scripts, inputs, folder: at(way) }));
  const said = execFileSync("node", ["node_modules/.cache/boardsmith-bench/test/bench/ours.js", at("job.json")], {
    encoding: "utf8",
  });
  const out = (name: string) => join(folder, way, "out", name);
  const made = {
    seconds: (JSON.parse(said) as { seconds: number }).seconds,
    disk: statSync(out("image")).blocks * 512,
    mapped: parseBmap(readFileSync(out("bmap"), "utf8")).mappedBlocks * 4096,
  };
  rmSync(at(way), { recursive: true, force: true });
  return made;
}

it("is measured", () => {
  const made = new Map<string, Made[]>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const [way, image] of Object.entries(WAYS)) made.set(way, [...(made.get(way) ?? []), make(way, image)]);
  }
  const median = (way: string) => {
    const seconds = (made.get(way) ?? []).map((one) => one.seconds).sort((a, b) => a - b);
    return seconds[Math.floor(seconds.length / 2)] ?? Number.NaN;
  };
  const last = (way: string) => made.get(way)?.at(-1) ?? { seconds: 0, disk: Number.NaN, mapped: Number.NaN };
  const mebi = (bytes: number) => `${(bytes / MiB).toFixed(1)} MiB`;
  const rows = Object.keys(WAYS).map(
    (way) => `| ${way} | ${median(way).toFixed(2)} s | ${mebi(last(way).disk)} | ${mebi(last(way).mapped)} |`,
  );
  console.log(
    [
      `eight filesystems on 64 GiB; medians of ${ROUNDS}`,
      "| as | wall | on disk | to be written to a card |",
      "|---|---|---|---|",
      ...rows,
      `volumes ÷ partitions: ${(median("volumes") / median("partitions")).toFixed(2)}`,
    ].join("\n"),
  );
  expect(median("volumes")).toBeLessThan(1.2 * median("partitions"));
  // The group's metadata, and nothing else.
  expect(last("volumes").disk).toBeLessThan(last("partitions").disk + 64 * 1024);
  expect(last("volumes").mapped).toBeLessThan(last("partitions").mapped + 2 * MiB);
});
