import { describe, expect, it } from "vitest";
import { type CardResult, flashCards } from "../../../src/flash/flash-cards.js";
import { mapOf, plainMap } from "../../../src/flash/image-map.js";
import type { Journal, Progress } from "../../../src/flash/journal.js";
import { type DriveFault, FaultyDrive } from "../../rig/faulty-drive.js";
import { type ToyImage, toyImage, toySource } from "../../rig/toy-image.js";

const MiB = 1024 ** 2;
const IMAGE = toyImage();
const CAPACITY = 12 * MiB;
const QUICK = { tries: 4, pause: 1, stall: 150 };

type Way = "bmap" | "plain" | "update" | "update-plain" | "resume" | "once";

/** Writes a card with a fault, the way that is asked for, and gives what became of it. */
async function flash(
  faults: readonly DriveFault[],
  way: Way,
  drive = cardFor(faults, way),
): Promise<[CardResult, FaultyDrive]> {
  const plain = way === "plain" || way === "update-plain";
  const journal = memoryJournal(way === "resume" ? { nonce: NONCE, written: 4.5 * MiB } : undefined);
  const [result] = await flashCards(
    toySource(IMAGE.bytes, way !== "once"),
    plain ? plainMap(IMAGE.bytes.length) : mapOf(IMAGE.bmap, "toy.bmap", IMAGE.bytes.length),
    [drive],
    {
      update: way.startsWith("update"),
      signal: new AbortController().signal,
      drivePatience: QUICK,
      journal: () => journal,
    },
  );
  if (!result) throw new Error("no result");
  return [result, drive];
}

const NONCE = "0123456789abcdef";

/** A card as the way expects it: with other data, with an older image, or with half of this one and the marker. */
function cardFor(faults: readonly DriveFault[], way: Way): FaultyDrive {
  const drive = new FaultyDrive(CAPACITY, faults, { noise: true });
  const place = (image: Buffer, end: number) => {
    for (let at = 0; at < end; at += 4096) drive.pages.set(at, Buffer.from(image.subarray(at, at + 4096)));
  };
  if (way.startsWith("update")) {
    place(IMAGE.bytes, IMAGE.bytes.length);
    drive.pages.set(3 * MiB, Buffer.alloc(4096, 7));
    drive.pages.set(7 * MiB, Buffer.alloc(4096, 8));
  }
  if (way === "resume") {
    place(IMAGE.bytes, 4.5 * MiB);
    for (let at = 0; at < MiB; at += 4096) {
      const page = Buffer.alloc(4096);
      for (let sector = 0; sector < 8; sector++) {
        const text = `boardsmith: this card is being written and is not whole yet\n${NONCE} ${at / 512 + sector}\n`;
        page.write(text, sector * 512, "latin1");
      }
      drive.pages.set(at, page);
    }
  }
  return drive;
}

function memoryJournal(first: Progress | undefined): Journal & { progress: Progress | undefined } {
  const journal = {
    progress: first,
    read: () => journal.progress,
    write: (progress: Progress) => {
      journal.progress = progress;
    },
    clear: () => {
      journal.progress = undefined;
    },
  };
  return journal;
}

/** The bytes that count are on the medium, and the table is. */
function holds(drive: FaultyDrive, image: ToyImage): boolean {
  return image.ranges.every(({ start, end }) =>
    drive.look(start, end - start).equals(image.bytes.subarray(start, end)),
  );
}

const bootable = (drive: FaultyDrive): boolean =>
  drive.look(510, 2).readUInt16LE() === 0xaa55 || drive.look(8192, 4096).equals(IMAGE.bytes.subarray(8192, 12288));

const ALL: readonly Way[] = ["bmap", "plain", "update", "update-plain", "resume", "once"];
const LIES = /this card lies about its size: at byte \d+ it gives what was written to byte \d+/;

/** Faults, and what has to come of each: the verdict and the words. */
const SCENARIOS: readonly {
  readonly title: string;
  readonly faults: readonly DriveFault[];
  readonly ways?: readonly Way[];
  readonly verdict: CardResult["verdict"] | ((way: Way) => CardResult["verdict"]);
  readonly reason?: RegExp;
}[] = [
  { title: "no fault", faults: [], verdict: "good" },
  {
    title: "a bit flips while it is written, once",
    faults: [{ kind: "flip-on-write", at: 7 * MiB + 5000, times: 1 }],
    verdict: (way) => (way === "once" ? "bad" : "good"),
  },
  {
    title: "a bit always flips while it is written",
    faults: [{ kind: "flip-on-write", at: 7 * MiB + 5000 }],
    verdict: "bad",
    reason: /bytes \d+ to \d+ do not read back as they were written: sha256 [0-9a-f]{64}, not [0-9a-f]{64}/,
  },
  {
    title: "a bit flips while it is read, once",
    faults: [{ kind: "flip-on-read", at: 5.5 * MiB, times: 1 }],
    ways: ["bmap", "plain", "update"],
    verdict: "good",
  },
  { title: "a bit always flips while it is read", faults: [{ kind: "flip-on-read", at: 5.5 * MiB }], verdict: "bad" },
  {
    title: "a write is lost, once",
    faults: [{ kind: "lost-write", at: 7 * MiB, times: 1 }],
    ways: ["bmap", "plain", "update", "update-plain", "resume"],
    verdict: "good",
  },
  { title: "every write to a place is lost", faults: [{ kind: "lost-write", at: 7 * MiB }], verdict: "bad" },
  { title: "the table's sector flips once", faults: [{ kind: "flip-on-write", at: 100, times: 1 }], verdict: "good" },
  {
    title: "the table's sector always flips",
    faults: [{ kind: "flip-on-write", at: 100 }],
    verdict: "bad",
    reason: /does not keep what is written to its beginning/,
  },
  {
    title: "every write to the table is lost",
    faults: [{ kind: "lost-write", at: 0 }],
    ways: ["bmap", "plain", "once", "update"],
    verdict: "bad",
  },
  {
    title: "half the capacity, going round",
    faults: [{ kind: "wrap", capacity: 6 * MiB }],
    verdict: "bad",
    reason: LIES,
  },
  {
    title: "a quarter of it, going round",
    faults: [{ kind: "wrap", capacity: 3 * MiB }],
    verdict: "bad",
    reason: LIES,
  },
  {
    title: "a crooked capacity, going round",
    faults: [{ kind: "wrap", capacity: 5 * MiB + 73_728 }],
    verdict: "bad",
    reason: LIES,
  },
  { title: "just too little, going round", faults: [{ kind: "wrap", capacity: 8 * MiB - 4096 }], verdict: "bad" },
  { title: "hardly anything, going round", faults: [{ kind: "wrap", capacity: 512 * 1024 }], verdict: "bad" },
  { title: "enough for the image, going round", faults: [{ kind: "wrap", capacity: 10 * MiB }], verdict: "good" },
  { title: "a stuck address line", faults: [{ kind: "stuck-line", bit: 4 * MiB }], verdict: "bad", reason: LIES },
  { title: "a low stuck address line", faults: [{ kind: "stuck-line", bit: 65_536 }], verdict: "bad" },
  { title: "what is behind the end is forgotten", faults: [{ kind: "drop", capacity: 5.5 * MiB }], verdict: "bad" },
  {
    title: "it wears out in mid-write",
    faults: [{ kind: "worn-out", after: 3 * MiB }],
    ways: ["bmap", "plain", "once"],
    verdict: "bad",
  },
  { title: "it is worn out from the start", faults: [{ kind: "worn-out", after: 0 }], verdict: "bad" },
  {
    title: "an error that passes",
    faults: [{ kind: "error", code: "EIO", on: "write", at: 7 * MiB, times: 2 }],
    verdict: "good",
  },
  {
    title: "a busy moment",
    faults: [{ kind: "error", code: "EBUSY", on: "read", at: 5.5 * MiB, times: 3 }],
    verdict: "good",
  },
  {
    title: "an error that stays",
    faults: [{ kind: "error", code: "EIO", on: "write", at: 7 * MiB }],
    verdict: "failed",
    reason: /writing at byte 7340032 failed 4 times: EIO/,
  },
  {
    title: "an error of reading that stays",
    faults: [{ kind: "error", code: "EIO", on: "read", at: 5.5 * MiB }],
    verdict: "failed",
    reason: /reading at byte 5242880 failed 4 times: EIO/,
  },
  {
    title: "a flush that fails",
    faults: [{ kind: "error", code: "EIO", on: "flush", at: 0 }],
    verdict: "failed",
    reason: /flushing failed 4 times/,
  },
  {
    title: "it is pulled out in mid-write",
    faults: [{ kind: "removed", at: 7 * MiB }],
    verdict: "failed",
    reason: /it is gone \((writing|reading) at byte \d+: ENODEV\)/,
  },
  {
    title: "it is pulled out early",
    faults: [{ kind: "removed", after: MiB }],
    verdict: "failed",
    reason: /it is gone/,
  },
  {
    title: "it does not answer to a write",
    faults: [{ kind: "stall", on: "write", at: 7 * MiB }],
    verdict: "failed",
    reason: /it did not answer for 0.15 s \(writing at byte 7340032\)/,
  },
  {
    title: "it does not answer to a read",
    faults: [{ kind: "stall", on: "read", at: 5.5 * MiB }],
    verdict: "failed",
    reason: /did not answer/,
  },
  {
    title: "damage and a lie together",
    faults: [
      { kind: "wrap", capacity: 6 * MiB },
      { kind: "flip-on-write", at: 1.5 * MiB, times: 1 },
    ],
    verdict: "bad",
  },
];

describe("a card with a fault", () => {
  const cases = SCENARIOS.flatMap((scenario) => (scenario.ways ?? ALL).map((way) => ({ ...scenario, way })));
  it.each(cases)("$title ($way)", async ({ faults, way, verdict, reason }) => {
    const [result, drive] = await flash(faults, way);
    // What matters above all: nothing is called good that is not.
    if (result.verdict === "good") expect(holds(drive, IMAGE)).toBe(true);
    else if (drive.writtenBytes > 0 && !faults.some(({ kind }) => kind === "worn-out" || kind === "lost-write"))
      expect(bootable(drive)).toBe(false);
    expect([result.verdict, result.reason]).toEqual([
      typeof verdict === "function" ? verdict(way) : verdict,
      result.reason,
    ]);
    if (reason) expect(result.reason).toMatch(reason);
  });

  it("are enough of them", () => {
    expect(cases.length).toBeGreaterThanOrEqual(60);
  });
});
