import { describe, expect, it } from "vitest";
import { type CardResult, flashCards } from "../../../src/flash/flash-cards.js";
import { type ImageMap, mapOf, plainMap } from "../../../src/flash/image-map.js";
import { type Journal, journalIn, type Progress } from "../../../src/flash/journal.js";
import { probeDrive } from "../../../src/flash/probe.js";
import type { ImageSource } from "../../../src/flash/source/image-source.js";
import { FaultyDrive } from "../../rig/faulty-drive.js";
import { tempFolder } from "../../rig/temp-folder.js";
import { bmapFor, type ToyImage, toyImage, toySource } from "../../rig/toy-image.js";

const MiB = 1024 ** 2;
const IMAGE = toyImage();
const LATER = toyImage(1);
const signal = new AbortController().signal;
const MAP = mapOf(IMAGE.bmap, "toy.bmap", IMAGE.bytes.length);
const QUICK = { begin: 200, buffers: 30 };

function flash(
  source: ImageSource,
  map: ImageMap,
  drives: readonly FaultyDrive[],
  more: { update?: boolean; journal?: (drive: { name: string }) => Journal; signal?: AbortSignal } = {},
): Promise<readonly CardResult[]> {
  const drivePatience = { tries: 2, pause: 1, stall: 60_000 };
  return flashCards(source, map, drives, { update: false, signal, patience: QUICK, drivePatience, ...more });
}

const holds = (drive: FaultyDrive, image: ToyImage = IMAGE): boolean =>
  image.ranges.every(({ start, end }) => drive.look(start, end - start).equals(image.bytes.subarray(start, end)));

describe("many cards at once", () => {
  it("read the source once, and each has its own verdict", async () => {
    const source = toySource(IMAGE.bytes);
    const drives = [
      new FaultyDrive(12 * MiB, [], { name: "a" }),
      new FaultyDrive(12 * MiB, [{ kind: "removed", after: 2 * MiB }], { name: "b" }),
      new FaultyDrive(12 * MiB, [{ kind: "flip-on-write", at: 5 * MiB }], { name: "c" }),
      new FaultyDrive(12 * MiB, [], { name: "d", block: 4096, noise: true }),
    ];
    const results = await flash(source, MAP, drives);
    expect(results.map(({ drive, verdict }) => [drive, verdict])).toEqual([
      ["a", "good"],
      ["b", "failed"],
      ["c", "bad"],
      ["d", "good"],
    ]);
    expect(drives.filter((drive) => holds(drive)).map(({ name }) => name)).toEqual(["a", "d"]);
    // Once for all, and once more for the range that c did not keep.
    expect(source.opened).toBe(2);
  });

  it("do not wait for one that hangs, which then reads for itself", async () => {
    const source = toySource(IMAGE.bytes);
    const slow = new FaultyDrive(12 * MiB, [], { name: "slow", speed: { read: 50 * MiB, write: 4 * MiB } });
    const fast = new FaultyDrive(12 * MiB, [], { name: "fast" });
    const [one, other] = await flash(source, MAP, [slow, fast]);
    expect([one?.verdict, other?.verdict, holds(slow), holds(fast)]).toEqual(["good", "good", true, true]);
    expect(other?.seconds).toBeLessThan((one?.seconds ?? 0) / 2);
  });

  it("are all written from standard input, which is read only once", async () => {
    const source = toySource(IMAGE.bytes, false);
    const drives = [5, 50].map(
      (speed) => new FaultyDrive(12 * MiB, [], { name: `${speed}`, speed: { read: 99 * MiB, write: speed * MiB } }),
    );
    const results = await flash(source, plainMap(undefined), drives);
    expect(results.map(({ verdict }) => verdict)).toEqual(["good", "good"]);
    for (const drive of drives) expect(drive.look(0, IMAGE.bytes.length).equals(IMAGE.bytes)).toBe(true);
  });

  it("are each stopped by the signal", async () => {
    const stop = new AbortController();
    const drive = new FaultyDrive(12 * MiB, [], { speed: { read: MiB, write: MiB } });
    const going = flash(toySource(IMAGE.bytes), MAP, [drive], { signal: stop.signal });
    stop.abort(new Error("SIGINT"));
    expect((await going)[0]).toMatchObject({ verdict: "stopped" });
  });
});

describe("a source that is not what it should be", () => {
  it.each([
    [
      "with another byte than its bmap says",
      (bytes: Buffer) => bytes.fill(1, 5 * MiB, 5 * MiB + 1),
      MAP,
      /toy.img is not what its bmap says: bytes 5242880 to 6295552 have sha256/,
    ],
    [
      "that ends too early",
      (bytes: Buffer) => bytes.subarray(0, 6 * MiB),
      MAP,
      /toy.img has 6291456 bytes and should have 8388608/,
    ],
    [
      "that goes on behind its end",
      (bytes: Buffer) => Buffer.concat([bytes, bytes]),
      MAP,
      /toy.img has 16777216 bytes and should have 8388608/,
    ],
  ])("%s leaves a card that does not boot", async (_, change, map, reason) => {
    const drive = new FaultyDrive(12 * MiB, [], { noise: true });
    const [result] = await flash(toySource(change(Buffer.from(IMAGE.bytes))), map, [drive]);
    expect(result?.verdict).toBe("failed");
    expect(result?.reason).toMatch(reason);
    expect(drive.look(0, 64).toString()).toContain("boardsmith: this card is being written and is not whole yet");
  });

  it("larger than the card fails when only its end tells", async () => {
    const drive = new FaultyDrive(6 * MiB);
    const [result] = await flash(toySource(IMAGE.bytes, false), plainMap(undefined), [drive]);
    expect(result).toMatchObject({ verdict: "failed", reason: "the image is larger than this drive (6291456 bytes)" });
  });

  it.each([1, 511, 4096, 700_000, MiB, 4 * MiB, 4 * MiB + 1, 8 * MiB])("of %i bytes is written whole", async (size) => {
    for (const map of [plainMap(size), plainMap(undefined)]) {
      const drive = new FaultyDrive(12 * MiB, [], { noise: true });
      const [result] = await flash({ ...toySource(IMAGE.bytes.subarray(0, size)) }, map, [drive]);
      expect(result).toMatchObject({ verdict: "good" });
      expect(drive.look(0, size).equals(IMAGE.bytes.subarray(0, size))).toBe(true);
    }
  });
});

describe("an update", () => {
  it("writes only what differs, and gives the same bytes", async () => {
    const drive = new FaultyDrive(12 * MiB, [], { noise: true });
    await flash(toySource(IMAGE.bytes), MAP, [drive]);
    const bytes = Buffer.from(LATER.bytes);
    bytes.fill(9, 5 * MiB + 4096, 5 * MiB + 8192);
    const map = mapOf(bmapFor(bytes, IMAGE.ranges), "later.bmap", bytes.length);
    const before = drive.writtenBytes;
    const [result] = await flash(toySource(bytes), map, [drive], { update: true });
    expect(result).toMatchObject({ verdict: "good" });
    expect(
      drive.look(5 * MiB, 2 * MiB).equals(bytes.subarray(5 * MiB, 7 * MiB)) || holds(drive, { ...IMAGE, bytes }),
    ).toBe(true);
    // The range, and the beginning twice.
    expect(drive.writtenBytes - before).toBe(MiB + 4096 + 2 * MiB);
  });

  it("writes nothing when nothing differs", async () => {
    const drive = new FaultyDrive(12 * MiB, [], { noise: true });
    await flash(toySource(IMAGE.bytes), MAP, [drive]);
    const before = drive.writtenBytes;
    const source = toySource(IMAGE.bytes);
    const [result] = await flash(source, MAP, [drive], { update: true });
    expect(result).toMatchObject({ verdict: "good", tally: { written: 0 } });
    expect([drive.writtenBytes - before, source.opened]).toEqual([0, 0]);
  });

  it("compares byte by byte without a bmap", async () => {
    const drive = new FaultyDrive(12 * MiB, [], { noise: true });
    const map = plainMap(IMAGE.bytes.length);
    await flash(toySource(IMAGE.bytes), map, [drive]);
    const bytes = Buffer.from(IMAGE.bytes).fill(3, 7 * MiB, 7 * MiB + 100);
    const [result] = await flash(toySource(bytes), map, [drive], { update: true });
    expect(result).toMatchObject({ verdict: "good", tally: { written: 2 * MiB, unchanged: 6 * MiB } });
    expect(drive.look(0, bytes.length).equals(bytes)).toBe(true);
  });
});

describe("a run that was interrupted", () => {
  it("goes on where it was, and says so of another card", async () => {
    const folder = await tempFolder();
    const journal = ({ name }: { name: string }) => journalIn(folder, name, "toy");
    const pulled = new FaultyDrive(12 * MiB, [{ kind: "removed", at: 7 * MiB + 4096 }], { name: "card" });
    const [first] = await flash(toySource(IMAGE.bytes), MAP, [pulled], { journal });
    expect(first?.verdict).toBe("failed");
    const progress: Progress = { ...(journal(pulled).read() as Progress), written: 6 * MiB };
    journal(pulled).write(progress);

    const again = new FaultyDrive(12 * MiB, [], { name: "card" });
    for (const [at, page] of pulled.pages) again.pages.set(at, page);
    const [second] = await flash(toySource(IMAGE.bytes), MAP, [again], { journal });
    expect(second?.verdict).toBe("good");
    expect(second?.tally.unchanged).toBeGreaterThan(2 * MiB);
    expect(holds(again)).toBe(true);
    expect(journal(again).read()).toBeUndefined();

    journal(again).write(progress);
    const other = new FaultyDrive(12 * MiB, [], { name: "card", noise: true });
    const [third] = await flash(toySource(IMAGE.bytes), MAP, [other], { journal });
    expect(third).toMatchObject({ verdict: "good", tally: { unchanged: 0 } });
    expect(holds(other)).toBe(true);
  });

  it("believes nothing that the journal says without reading it back", async () => {
    const lying: Journal = {
      read: () => ({ nonce: "0".repeat(16), written: 8 * MiB }),
      write: () => {},
      clear: () => {},
    };
    const drive = new FaultyDrive(12 * MiB, [], { noise: true });
    const [result] = await flash(toySource(IMAGE.bytes), MAP, [drive], { journal: () => lying });
    expect([result?.verdict, result?.tally.unchanged, holds(drive)]).toEqual(["good", 0, true]);
  });
});

describe("zeros", () => {
  const map = plainMap(IMAGE.bytes.length);
  const sparse = Buffer.from(IMAGE.bytes).fill(0, 2 * MiB, 7 * MiB);

  it("are written where the drive cannot give ranges up", async () => {
    const drive = new FaultyDrive(12 * MiB, [], { noise: true });
    await flash(toySource(sparse), map, [drive]);
    expect(drive.look(0, sparse.length).equals(sparse)).toBe(true);
  });

  it("are not where it can", async () => {
    const drive = new FaultyDrive(12 * MiB, [], { noise: true, discards: true });
    const [result] = await flash(toySource(sparse), map, [drive]);
    expect(result).toMatchObject({ verdict: "good", tally: { discarded: 5 * MiB } });
    expect(drive.look(0, sparse.length).equals(sparse)).toBe(true);
  });

  it("are after all when the drive only says so", async () => {
    const drive = new FaultyDrive(12 * MiB, [{ kind: "false-discard" }], { noise: true, discards: true });
    const [result] = await flash(toySource(sparse), map, [drive]);
    expect(result?.verdict).toBe("good");
    expect(drive.look(0, sparse.length).equals(sparse)).toBe(true);
  });
});

describe("a probe", () => {
  const probe = (drive: FaultyDrive) => probeDrive(drive, { signal, tell: () => {} });

  it("tells how large a card really is", async () => {
    expect(await probe(new FaultyDrive(12 * MiB))).toEqual({ size: 12 * MiB });
    for (const capacity of [6 * MiB, 5 * MiB + 4096, 3 * MiB, 2 * MiB + 73_728]) {
      const { size, same } = await probe(new FaultyDrive(12 * MiB, [{ kind: "wrap", capacity }]));
      expect(size).toBe(capacity);
      expect(Math.abs((same?.at ?? 0) - (same?.as ?? 0)) % capacity).toBe(0);
    }
    expect((await probe(new FaultyDrive(12 * MiB, [{ kind: "drop", capacity: 7 * MiB + 4096 }]))).size).toBe(
      7 * MiB + 4096,
    );
  });
});
