/**
 * Writing cards: ours (write and read back) against dd, bmaptool and a naive Node stream (write only), on a loop device and on
 * a plain file, in turns; then a card that reads three times as fast as it writes, and many cards at once.
 *
 *   npx vitest run --config test/bench/vitest.config.ts test/bench/flash
 *
 * Needs root for the loop device. bmaptool comes from BMAPTOOL, a command line; without it its rows are left out.
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  createReadStream,
  createWriteStream,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mergeRanges, splitRanges } from "../../src/disk/ranges.js";
import { flashCards } from "../../src/flash/flash-cards.js";
import { mapOf } from "../../src/flash/image-map.js";
import { FaultyDrive } from "../rig/faulty-drive.js";
import { bmapFor, noise, toyImage, toySource } from "../rig/toy-image.js";

const ROUNDS = Number(process.env["ROUNDS"] ?? 3);
const BMAPTOOL = process.env["BMAPTOOL"]?.split(" ");
const MiB = 1024 ** 2;
const SIZE = 2048 * MiB;
const MAPPED = 400 * MiB;
const folder = mkdtempSync(join(process.env["BENCH_FOLDER"] ?? tmpdir(), "boardsmith-bench-"));
const at = (name: string) => join(folder, name);
let loop = "";

interface Took {
  readonly seconds: number;
  readonly cpu: number;
  readonly rss: number;
}

describe("a loop device and a file", () => {
  beforeAll(() => {
    execFileSync("npx", ["tsc", "-p", "test/bench/tsconfig.json", "--noCheck"], { stdio: "inherit" });
    writeFileSync("node_modules/.cache/boardsmith-bench/package.json", '{"type":"module"}');
    const fd = openSync(at("image"), "w+");
    const bytes = noise(8 * MiB, 1);
    const every = (SIZE / MAPPED) * bytes.length;
    for (let offset = 0; offset < SIZE; offset += every)
      writeSync(fd, bytes, 0, bytes.length, Math.floor(offset / 4096) * 4096);
    truncateSync(at("image"), SIZE);
    const mapped = Array.from({ length: MAPPED / bytes.length }, (_, index) => {
      const start = Math.floor((index * every) / 4096) * 4096;
      return { start, end: start + bytes.length };
    });
    writeFileSync(at("image.bmap"), fileBmap(at("image"), splitRanges(mergeRanges(mapped, 4096, SIZE), 4 * MiB)));
    execFileSync("xz", ["-k", "-0", "-T0", at("image")]);
    execFileSync("zstd", ["-qk", at("image")]);
    execFileSync("fallocate", ["-l", String(SIZE), at("card")]);
    execFileSync("fallocate", ["-l", String(SIZE), at("file")]);
    loop = execFileSync("losetup", ["-f", "--show", at("card")], { encoding: "utf8" }).trim();
  });
  afterAll(() => {
    if (loop) execFileSync("losetup", ["-d", loop]);
    rmSync(folder, { recursive: true, force: true });
  });

  function fileBmap(path: string, ranges: readonly { start: number; end: number }[]): string {
    const fd = openSync(path, "r");
    const image = {
      length: statSync(path).size,
      subarray: (start: number, end: number) => readAt(fd, start, end - start),
    };
    return bmapFor(image as unknown as Buffer, ranges);
  }

  function readAt(fd: number, offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    readSync(fd, bytes, 0, length, offset);
    return bytes;
  }

  function ours(image: string, ...drives: string[]): Took {
    const env = { ...process.env, CAPACITY: String(SIZE), UV_THREADPOOL_SIZE: "64" };
    const said = execFileSync(
      "node",
      ["node_modules/.cache/boardsmith-bench/test/bench/flash-one.js", at(image), "full", ...drives],
      { env, encoding: "utf8" },
    );
    const took = JSON.parse(said) as Took & { verdicts: string[] };
    expect(took.verdicts).toEqual(drives.map(() => "good"));
    return took;
  }

  /** By GNU time, which a child's peak memory can be had from. */
  function other(...command: string[]): Took {
    const { stderr, status } = spawnSync("/usr/bin/time", ["-f", "%e %U %S %M", ...command], { encoding: "utf8" });
    expect(status, stderr).toBe(0);
    const [seconds = 0, user = 0, system = 0, rss = 0] = (stderr.trim().split("\n").at(-1) ?? "")
      .split(" ")
      .map(Number);
    return { seconds, cpu: user + system, rss: rss * 1024 };
  }

  async function naive(to: string): Promise<Took> {
    const began = Date.now();
    const cpu = process.cpuUsage();
    await pipeline(createReadStream(at("image")), createWriteStream(to, { flags: "r+" }));
    execFileSync("sync", [to]);
    const { user, system } = process.cpuUsage(cpu);
    return { seconds: (Date.now() - began) / 1000, cpu: (user + system) / 1e6, rss: Number.NaN };
  }

  const median = (list: readonly number[]) =>
    [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;

  it("are measured", async () => {
    const rows: string[] = [];
    const walls = new Map<string, number>();
    for (const [place, target] of [
      ["loop", loop],
      ["file", at("file")],
    ] as const) {
      const ways: Readonly<Record<string, () => Took | Promise<Took>>> = {
        "ours, raw": () => ours("image", target),
        "ours, xz": () => ours("image.xz", target),
        "ours, zst": () => ours("image.zst", target),
        "dd direct, all of it": () =>
          other(
            "dd",
            `if=${at("image")}`,
            `of=${target}`,
            "bs=4M",
            "oflag=direct",
            "conv=fsync,notrunc",
            "status=none",
          ),
        "naive Node stream, all of it": () => naive(target),
        ...(BMAPTOOL
          ? { "bmaptool, raw": () => other(...BMAPTOOL, "copy", "--bmap", at("image.bmap"), at("image"), target) }
          : {}),
      };
      const took = new Map<string, Took[]>();
      for (let round = 0; round < ROUNDS; round++) {
        for (const [way, run] of Object.entries(ways)) took.set(way, [...(took.get(way) ?? []), await run()]);
      }
      for (const [way, list] of took) {
        const of = (key: keyof Took) => median(list.map((one) => one[key]));
        walls.set(`${place} ${way}`, of("seconds"));
        rows.push(
          `| ${place} | ${way} | ${of("seconds").toFixed(2)} s | ${of("cpu").toFixed(2)} s | ${Math.round(of("rss") / MiB)} MiB |`,
        );
        if (way === "ours, raw") expect(of("rss")).toBeLessThan(150 * MiB);
      }
    }
    console.log(["| on | way | wall | CPU | peak RSS |", "|---|---|---|---|---|", ...rows].join("\n"));
    const bmaptool = walls.get("loop bmaptool, raw");
    const mine = walls.get("loop ours, raw") ?? Number.NaN;
    if (bmaptool === undefined) return;
    console.log(`ours, written and read back ÷ bmaptool, written: ${(mine / bmaptool).toFixed(2)}`);
    expect(mine).toBeLessThan(0.8 * bmaptool);
  });
});

it("a slow card is kept busy, updates are quick, and many cards are as quick as the slowest", async () => {
  const size = 160 * MiB;
  const image = toyImage(1, size, [[0, size]]);
  const ranges = splitRanges([{ start: 0, end: size }], MiB);
  const map = mapOf(bmapFor(image.bytes, ranges), "bmap", size);
  const speed = { read: 120 * MiB, write: 40 * MiB };
  const signal = new AbortController().signal;
  const flash = async (drives: readonly FaultyDrive[], bytes = image.bytes, update = false, with_ = map) => {
    const began = performance.now();
    const results = await flashCards(toySource(bytes), with_, drives, { update, signal });
    expect(results.map(({ verdict }) => verdict)).toEqual(drives.map(() => "good"));
    return (performance.now() - began) / 1000;
  };
  const card = (name: string) => new FaultyDrive(size, [], { speed, name });
  const one = card("one");
  const full = await flash([one]);
  // The marker is read back as well, and so is the head.
  const own = size / speed.write + size / speed.read;
  const changed = Buffer.from(image.bytes);
  for (let index = 3; index < 160; index += 20) changed.fill(index, index * MiB, index * MiB + 100);
  const update = await flash([one], changed, true, mapOf(bmapFor(changed, ranges), "bmap", size));
  const eight = await flash(Array.from({ length: 8 }, (_, index) => card(`${index}`)));
  console.log(
    [
      `a card of ${speed.write / MiB} MiB/s (reads ${speed.read / MiB}), ${size / MiB} MiB: ${full.toFixed(2)} s, the drive's own time × ${(full / own).toFixed(3)}`,
      `update with 5 % changed ÷ full: ${(update / full).toFixed(2)}`,
      `eight at once ÷ one: ${(eight / full).toFixed(2)}`,
    ].join("\n"),
  );
  expect(update).toBeLessThan(0.35 * full);
  expect(eight).toBeLessThan(1.2 * full);
});
