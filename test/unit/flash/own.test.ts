import { describe, expect, it, test } from "vitest";
import { type OwnCard, ownOf } from "../../../src/flash/cards/own-of.js";
import { CardQueue } from "../../../src/flash/cards/queue.js";
import { cardOfWords } from "../../../src/flash/cards/read-cards.js";
import { cutMap } from "../../../src/flash/cut-map.js";
import { type CardResult, flashCards } from "../../../src/flash/flash-cards.js";
import { type ImageMap, mapOf, plainMap } from "../../../src/flash/image-map.js";
import type { Journal, Progress } from "../../../src/flash/journal.js";
import { findArea } from "../../../src/flash/provision-area.js";
import { type DriveFault, FaultyDrive } from "../../rig/faulty-drive.js";
import { AREA, filesOf, goldenImage } from "../../rig/golden-image.js";
import { type ToyImage, toySource } from "../../rig/toy-image.js";

const MiB = 1024 ** 2;
const CAPACITY = 12 * MiB;
const GOLDEN = goldenImage();
const { signal } = new AbortController();

const row = (hostname: string) => {
  const [one] = cardOfWords([`hostname=${hostname}`], "/");
  if (!one) throw new Error("no row");
  return one;
};

/** The image's map without the area, and cards of these names. */
async function prepared(
  image: ToyImage,
  plain: boolean,
  ...names: string[]
): Promise<{ readonly map: ImageMap; readonly cards: readonly OwnCard[] }> {
  const { length: size } = image.bytes;
  const whole = plain ? plainMap(size) : mapOf(image.bmap, "golden.bmap", size);
  const { area } = await findArea(toySource(image.bytes), size, signal);
  const map = await cutMap(toySource(image.bytes), { ...whole, size }, area.span, signal);
  return { map, cards: names.flatMap((name) => ownOf(area, whole.algorithm, row(name)).card ?? []) };
}

interface Way {
  readonly plain?: boolean;
  readonly update?: boolean;
  readonly journal?: Journal;
}

async function flash(
  names: readonly string[],
  drives: readonly FaultyDrive[],
  way: Way = {},
): Promise<readonly CardResult[]> {
  const { map, cards } = await prepared(GOLDEN, way.plain ?? false, ...names);
  return await flashCards(toySource(GOLDEN.bytes), map, drives, {
    update: way.update ?? false,
    signal,
    drivePatience: { tries: 2, pause: 1, stall: 150 },
    own: (drive) => cards[drives.findIndex(({ name }) => name === drive.name)]?.own,
    ...(way.journal ? { journal: () => way.journal as Journal } : {}),
  });
}

const card = (name: string, faults: readonly DriveFault[] = [], discards = false) =>
  new FaultyDrive(CAPACITY, faults, { name, noise: true, discards });

/** Every byte that counts is on the medium: the image's outside of the area, the row's inside. */
function holds(drive: FaultyDrive, hostname: string): boolean {
  const outside = GOLDEN.ranges.flatMap(({ start, end }) => [
    { start, end: Math.min(end, AREA.start) },
    { start: Math.max(start, AREA.end), end },
  ]);
  const same = outside.every(
    ({ start, end }) => end <= start || drive.look(start, end - start).equals(GOLDEN.bytes.subarray(start, end)),
  );
  return same && hostOf(drive) === hostname && drive.look(AREA.end - 65_536, 65_536).equals(Buffer.alloc(65_536));
}

const hostOf = (drive: FaultyDrive): string | undefined =>
  /^hostname (.*)$/m.exec(filesOf(drive.look(0, GOLDEN.bytes.length))["card.txt"] ?? "")?.[1];

/** Whether two cards are the same but for the area. */
function alike(one: FaultyDrive, other: FaultyDrive): boolean {
  const [a, b] = [one, other].map((drive) => drive.look(0, GOLDEN.bytes.length).fill(0, AREA.start, AREA.end));
  return a !== undefined && b !== undefined && a.equals(b);
}

describe("cards of their own", () => {
  it.each([{}, { plain: true }])("differ in nothing but what is theirs (%o)", async (way) => {
    const drives = [card("a"), card("b"), card("c", [], true)];
    const results = await flash(["kiosk-01", "kiosk-02", "kiosk-03"], drives, way);
    expect(results.map(({ verdict }) => verdict)).toEqual(["good", "good", "good"]);
    expect(drives.map((drive, index) => holds(drive, `kiosk-0${index + 1}`))).toEqual([true, true, true]);
    expect(alike(drives[0] as FaultyDrive, drives[1] as FaultyDrive)).toBe(true);
  });

  it("are left alone by an update when they are right, and else only that is written which differs", async () => {
    const drive = card("a");
    await flash(["kiosk-01"], [drive]);
    const before = drive.writtenBytes;
    const [same] = await flash(["kiosk-01"], [drive], { update: true });
    expect([same?.verdict, drive.writtenBytes - before]).toEqual(["good", 0]);
    const [other] = await flash(["kiosk-02"], [drive], { update: true });
    expect([other?.verdict, hostOf(drive)]).toEqual(["good", "kiosk-02"]);
    // The area, and the beginning twice.
    expect(drive.writtenBytes - before).toBe(4 * MiB + 2 * MiB);
  });

  it("go on where they were, and are not another's because of that", async () => {
    let progress: Progress | undefined;
    const journal: Journal = {
      read: () => progress,
      write: (now) => {
        progress = now;
      },
      clear: () => {
        progress = undefined;
      },
    };
    const pulled = card("a", [{ kind: "removed", at: 3 * MiB }]);
    const [first] = await flash(["kiosk-01"], [pulled], { journal });
    expect(first?.verdict).toBe("failed");
    expect(progress).toBeDefined();
    const again = card("a");
    for (const [at, page] of pulled.pages) again.pages.set(at, page);
    const [second] = await flash(["kiosk-02"], [again], { journal });
    expect([second?.verdict, holds(again, "kiosk-02")]).toEqual(["good", true]);
  });

  it("keep what the image itself has on the partition, but for what has the same name", async () => {
    const files = [
      { path: "user-data", bytes: Buffer.from("the image's own\n") },
      { path: "vendor-data", bytes: Buffer.from("#cloud-config\n{}\n") },
    ];
    const image = goldenImage({ label: "cidata", kind: "fat12", files });
    const { cards } = await prepared(image, false, "kiosk-01");
    const bytes = Buffer.concat([Buffer.alloc(AREA.start), cards[0]?.own.bytes ?? Buffer.alloc(0)]);
    const found = filesOf(bytes);
    expect(Object.keys(found).sort()).toEqual(["meta-data", "user-data", "vendor-data"]);
    expect(found["vendor-data"]).toBe("#cloud-config\n{}\n");
    expect(found["user-data"]).toContain('"hostname": "kiosk-01"');
  });
});

describe("a fault where the card is its own is never called good", () => {
  const at = AREA.start + 70_000;
  const SCENARIOS: readonly (readonly [string, DriveFault, CardResult["verdict"]])[] = [
    ["a bit that flips once", { kind: "flip-on-write", at, times: 1 }, "good"],
    ["a bit that always flips", { kind: "flip-on-write", at }, "bad"],
    ["a bit that flips in what is zero", { kind: "flip-on-write", at: AREA.end - 5000 }, "bad"],
    ["a bit that flips while reading", { kind: "flip-on-read", at, times: 1 }, "good"],
    ["a write that is lost once", { kind: "lost-write", at, times: 1 }, "good"],
    ["writes that are lost", { kind: "lost-write", at }, "bad"],
    ["half the capacity, going round", { kind: "wrap", capacity: 4 * MiB }, "bad"],
    ["the image over the area", { kind: "wrap", capacity: 6 * MiB }, "bad"],
    ["a stuck address line", { kind: "stuck-line", bit: 65_536 }, "bad"],
    ["forgetting from the area on", { kind: "drop", capacity: AREA.start + 8192 }, "bad"],
    ["an error that passes", { kind: "error", code: "EIO", on: "write", at, times: 1 }, "good"],
    ["an error that stays", { kind: "error", code: "EIO", on: "write", at }, "failed"],
    ["an error of reading", { kind: "error", code: "EIO", on: "read", at }, "failed"],
    ["no answer", { kind: "stall", on: "write", at }, "failed"],
    ["pulled out there", { kind: "removed", at }, "failed"],
  ];
  const ways = { bmap: {}, plain: { plain: true }, update: { update: true } } as const;
  const cases = SCENARIOS.flatMap(([title, fault, verdict]) =>
    Object.entries(ways).map(([way, options]) => ({ title, fault, verdict, way, options })),
  );
  it.each(cases)("$title ($way)", async ({ fault, verdict, way, options }) => {
    const drive = card("a", [fault]);
    if (way === "update") {
      const old = card("old");
      await flash(["kiosk-09"], [old]);
      for (const [place, page] of old.pages) drive.pages.set(place, Buffer.from(page));
    }
    const [result] = await flash(["kiosk-01"], [drive], options);
    expect([result?.verdict, result?.reason]).toEqual([verdict, result?.reason]);
    if (verdict === "good") expect(holds(drive, "kiosk-01")).toBe(true);
    // An update that fails while it compares has written nothing.
    else if (drive.writtenBytes > 0) expect(drive.look(0, 4096).equals(GOLDEN.bytes.subarray(0, 4096))).toBe(false);
  });
});

describe("the partition", () => {
  const find = (image: ToyImage) => findArea(toySource(image.bytes), image.bytes.length, signal);

  test.each([
    ["BOARDSMITH", "fat16", "boardsmith"],
    ["CIDATA", "fat16", "nocloud"],
    ["cidata", "fat12", "nocloud"],
    ["IGNITION", "fat12", "ignition"],
    ["combustion", "fat16", "combustion"],
  ] as const)("labelled %s (%s) is %s's", async (label, kind, reader) => {
    const { area } = await find(goldenImage({ label, kind }));
    expect(area).toMatchObject({ kind: reader, label, ...AREA, volumeId: "0badcafe", shape: { kind } });
  });

  test("has to be there", async () => {
    await expect(find(goldenImage({ label: "BOOT" }))).rejects.toThrow(
      "toy.img has no provisioning partition: no FAT that is labelled BOARDSMITH, CIDATA, IGNITION, COMBUSTION",
    );
  });

  test("of an ext4 is none that can be written to", async () => {
    const image = goldenImage({ label: "BOOT" });
    image.bytes.fill(0, AREA.start, AREA.start + 2048);
    image.bytes.writeUInt16LE(0xef53, AREA.start + 1024 + 56);
    image.bytes.write("ignition\0", AREA.start + 1024 + 120, "latin1");
    await expect(find(image)).rejects.toThrow('the partition "ignition" of toy.img is an ext4');
  });

  test("does not begin where the table is written last", async () => {
    const image = goldenImage({ start: 64 * 1024 });
    await expect(find(image)).rejects.toThrow(
      "the provisioning partition begins at byte 65536, in the card's first MiB",
    );
  });

  test("of standard input is read too late", async () => {
    await expect(findArea(toySource(GOLDEN.bytes, false), undefined, signal)).rejects.toThrow(
      "standard input can be read only once",
    );
  });

  test("is not taken from an image that is not what its bmap says", async () => {
    const bytes = Buffer.from(GOLDEN.bytes);
    bytes[AREA.end + 5] = (bytes[AREA.end + 5] ?? 0) ^ 1;
    await expect(prepared({ ...GOLDEN, bytes }, false, "kiosk-01")).rejects.toThrow(
      /toy.img is not what its bmap says: bytes 5242880 to 7340032 have sha256/,
    );
  });
});

test("a row whose card is bad is given to the next one, and all is done when each has its card", async () => {
  const { cards } = await prepared(GOLDEN, false, "kiosk-01", "kiosk-02");
  const [first, second] = cards as [OwnCard, OwnCard];
  const queue = new CardQueue(cards);
  expect([queue.take(), queue.take(), queue.take()]).toEqual([first, second, undefined]);
  queue.settle(first, false);
  queue.settle(second, true);
  expect([queue.done, queue.take(), queue.done]).toEqual([false, first, false]);
  queue.settle(first, true);
  expect(queue.done).toBe(true);
});
