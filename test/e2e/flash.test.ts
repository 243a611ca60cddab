import { execFile, execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { boardsmith, HOME, type Ran, start } from "../rig/boardsmith.js";
import { AREA, filesOf, goldenImage } from "../rig/golden-image.js";
import { terminal } from "../rig/terminal.js";
import { noise, toyImage } from "../rig/toy-image.js";

/* Cards are loop devices over files here; everything else is as with real ones. */

const MiB = 1024 ** 2;
const IMAGE = toyImage();
const GOLDEN = goldenImage();
const CARD = 12 * MiB;
const folder = mkdtempSync(join(tmpdir(), "boardsmith-flash-"));
const at = (name: string) => join(folder, name);
const env = { BOARDSMITH_STORE: at("store") };
const loops: string[] = [];

/** A file full of other data as a loop device. */
function attach(name: string, ...options: string[]): string {
  writeFileSync(at(name), noise(CARD, 99));
  const loop = execFileSync("losetup", ["-f", "--show", ...options, at(name)], { encoding: "utf8" }).trim();
  loops.push(loop);
  return loop;
}

function detach(loop: string): void {
  execFileSync("losetup", ["-d", loop]);
  loops.splice(loops.indexOf(loop), 1);
}

const flash = (...args: string[]): Promise<Ran> => boardsmith(["flash", ...args], { cwd: folder, env });

/** Every byte that counts is on the card, as somebody else reads it. */
function holds(name: string, bytes = IMAGE.bytes): boolean {
  const card = readFileSync(at(name));
  return IMAGE.ranges.every(({ start, end }) => card.subarray(start, end).equals(bytes.subarray(start, end)));
}

beforeAll(async () => {
  writeFileSync(at("toy.img"), IMAGE.bytes);
  writeFileSync(at("toy.img.bmap"), IMAGE.bmap);
  writeFileSync(at("golden.img"), GOLDEN.bytes);
  writeFileSync(at("golden.img.bmap"), GOLDEN.bmap);
  writeFileSync(at("two.csv"), "hostname,address\nkiosk-01,192.0.2.1/24\nkiosk-02,192.0.2.2/24\n");
  await boardsmith(["--version"], { cwd: HOME });
});
afterAll(() => {
  for (const loop of [...loops]) detach(loop);
  rmSync(folder, { recursive: true, force: true });
});

test("two cards are written at once, recorded, and updated with what changed", async () => {
  const drives = [attach("a"), attach("b")];
  const first = await flash("toy.img", ...drives, "--yes", "--allow-loop", "--record", "cards.ndjson");
  expect(first).toMatchObject({ code: 0, stderr: "" });
  expect(first.stdout.match(/^loop\d+: good: \d\.\d MiB written in .*, every byte read back$/gm)).toHaveLength(2);
  expect([holds("a"), holds("b")]).toEqual([true, true]);
  const records = readFileSync(at("cards.ndjson"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(records.map(({ drive }) => drive.path).sort()).toEqual([...drives].sort());
  expect(records[0]).toMatchObject({
    type: "card",
    verdict: "good",
    image: { size: 8 * MiB },
    direct: true,
    tally: { retries: 0 },
  });

  const changed = Buffer.from(IMAGE.bytes).fill(5, 5 * MiB, 5 * MiB + 10);
  writeFileSync(at("changed.img.gz"), gzipSync(changed));
  const second = await flash("changed.img.gz", drives[0] ?? "", "--yes", "--allow-loop", "--update", "--json");
  const lines = second.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.at(-1)).toMatchObject({ verdict: "good", tally: { unchanged: 3 * MiB, written: 5 * MiB } });
  expect(
    readFileSync(at("a"))
      .subarray(0, 8 * MiB)
      .equals(changed),
  ).toBe(true);
});

test("killed at 50 points of a write, a card is not one; written again, it is the image's, 50 of 50", async () => {
  const run = promisify(execFile);
  const outcomes = { whole: 0, blank: 0, resumed: 0 };
  // Four cards side by side: what takes the time is starting processes.
  await Promise.all(
    [0, 1, 2, 3].map(async (card) => {
      const name = `killed-${card}`;
      const loop = attach(name);
      const journals = mkdtempSync(at("journals-"));
      const child = (count: number) =>
        run(process.execPath, [
          join(HOME, "test/rig/flash-child.mjs"),
          join(HOME, "dist"),
          at("toy.img"),
          at("toy.img.bmap"),
          loop,
          journals,
          `${count}`,
        ]);
      for (let round = card; round < 50; round += 4) {
        execFileSync("dd", [`if=/dev/urandom`, `of=${loop}`, "bs=1M", "count=12", "oflag=direct", "status=none"]);
        // The marker, five pieces and more, and the head last.
        const died = await child(1 + ((round * 7) % 8)).catch((error: { signal?: string }) => error.signal);
        expect(died).toBe("SIGKILL");
        const begins = readFileSync(at(name)).subarray(0, 512);
        if (begins.toString("latin1").startsWith("boardsmith: this card is being written")) outcomes.blank++;
        const { stdout } = await child(0);
        const result = JSON.parse(stdout);
        expect(result).toMatchObject({ verdict: "good" });
        if (result.tally.unchanged > 0) outcomes.resumed++;
        if (holds(name)) outcomes.whole++;
      }
    }),
  );
  expect(outcomes.whole).toBe(50);
  expect(outcomes.blank).toBeGreaterThan(30);
  expect(outcomes.resumed).toBeGreaterThan(10);
});

test("at a terminal, the drive's name has to be typed", async () => {
  const loop = attach("typed");
  const name = loop.replace("/dev/", "");
  const on = () => terminal(["flash", "toy.img", loop, "--allow-loop"], { cwd: folder, env });
  const wrong = on();
  await wrong.shows(new RegExp(`${loop}: .*12 MiB, loop.*no partitions[^]*Type ${name} to go on`));
  wrong.type("yes\r");
  expect(await wrong.ended).toBe(2);
  expect(wrong.screen.text).toContain(`${name} was not confirmed; nothing was written`);
  expect(readFileSync(at("typed")).equals(noise(CARD, 99))).toBe(true);
  const right = on();
  await right.shows(/to go on/);
  right.type(`${name}\r`);
  expect(await right.ended).toBe(0);
  expect(right.screen.text).toMatch(/good: .* every byte read back/);
  expect(holds("typed")).toBe(true);
});

test("a station writes each card that is put in, until it is stopped", async () => {
  const loop = attach("one");
  detach(loop);
  const station = start(["flash", "toy.img", loop, "--station", "--yes", "--allow-loop"], { cwd: folder, env });
  await station.until(/waiting for cards in/);
  for (const [index, card] of ["two", "three"].entries()) {
    writeFileSync(at(card), noise(CARD, 3));
    execFileSync("losetup", [loop, at(card)]);
    loops.push(loop);
    await station.until(new RegExp(`(good: .*every byte read back[^]*){${index + 1}}`));
    expect(holds(card)).toBe(true);
    detach(loop);
    // Empty for long enough to be seen.
    await new Promise((resolve) => setTimeout(resolve, 1200));
  }
  station.kill("SIGINT");
  expect((await station.done).code).toBe(130);
});

test("a station with a list gives each card the next row, and is done when all have theirs", async () => {
  const loop = attach("first");
  detach(loop);
  const args = ["--station", "--yes", "--allow-loop", "--provision", "two.csv", "--record", "station.ndjson"];
  const station = start(["flash", "golden.img", loop, ...args], { cwd: folder, env });
  for (const row of [1, 2]) {
    writeFileSync(at(`row-${row}`), noise(CARD, row));
    execFileSync("losetup", [loop, at(`row-${row}`)]);
    loops.push(loop);
    await station.until(new RegExp(`good: kiosk-0${row}, `));
    detach(loop);
    const { "card.txt": card } = filesOf(readFileSync(at(`row-${row}`)));
    expect(card).toBe(`boardsmith-card 1\nhostname kiosk-0${row}\nnetwork eth0\naddress 192.0.2.${row}/24\nend\n`);
    if (row === 1) await new Promise((resolve) => setTimeout(resolve, 1200));
  }
  const ended = await station.done;
  expect(ended.code).toBe(0);
  const name = loop.slice(5);
  expect(ended.stderr).toMatch(
    new RegExp(
      `kiosk-01 \\(line 2\\) goes to ${name}\nkiosk-02 \\(line 3\\) goes to ${name}\nall 2 rows have their card\n$`,
    ),
  );
  const records = readFileSync(at("station.ndjson"), "utf8").trim().split("\n");
  expect(records.map((line) => JSON.parse(line).card.own)).toEqual([AREA, AREA]);
});

test("a Wi-Fi passphrase is asked for, not shown, and derived before it is written", async () => {
  const loop = attach("wifi");
  const words = ["flash", "golden.img", loop, "--allow-loop", "--yes", "--set", "hostname=kiosk", "--wifi", "IEEE"];
  const on = terminal(words, { cwd: folder, env });
  await on.shows(/Passphrase of IEEE/);
  on.type("password\r");
  await on.shows(/The same again/);
  on.type("password\r");
  expect(await on.ended).toBe(0);
  expect(on.written).not.toContain("password");
  const { "card.txt": card } = filesOf(readFileSync(at("wifi")));
  // IEEE 802.11-2016, J.4.2.
  expect(card).toContain("\npsk f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e\n");
});

describe("what is refused, before anything is written", () => {
  let loop: string;
  beforeAll(() => {
    loop = attach("refused");
    writeFileSync(at("other.bmap"), toyImage(2, 4 * MiB, [[0, MiB]]).bmap);
    writeFileSync(
      at("cut.img.xz"),
      execFileSync("xz", ["-c"], { input: IMAGE.bytes, maxBuffer: 99 * MiB }).subarray(0, 4 * MiB),
    );
    writeFileSync(at("large.img"), "");
    truncateSync(at("large.img"), 13 * MiB);
    writeFileSync(at("spare.card"), "");
    truncateSync(at("spare.card"), CARD);
    writeFileSync(at("same.csv"), "hostname\nkiosk-01\nkiosk-01\n");
    writeFileSync(at("nameless.csv"), "address\n192.0.2.1/24\n");
  });
  beforeEach(() => {
    onTestFinished(() => expect(readFileSync(at("refused")).equals(noise(CARD, 99))).toBe(true));
  });

  const system = execFileSync("findmnt", ["-no", "SOURCE", "/"], { encoding: "utf8" }).trim();
  const onDisk = system.startsWith("/dev/");

  test.each<readonly [string, readonly string[], string | RegExp]>([
    [
      "no drive",
      ["toy.img"],
      'no drive is named, and none is ever chosen for you [no-drive]\n  help: "boardsmith drives" lists them',
    ],
    [
      "a loop device without its flag",
      ["toy.img", "LOOP", "--yes"],
      /LOOP is a loop device \(.*refused\) \[drive-refused\]\n {2}help: if you mean it, add --allow-loop/,
    ],
    [
      "nobody to ask",
      ["toy.img", "LOOP", "--allow-loop"],
      "there is no terminal on which somebody could confirm that the drive may be erased [nobody-to-ask]",
    ],
    [
      "a bmap of another image",
      ["toy.img", "LOOP", "--bmap", "other.bmap"],
      "other.bmap is for an image of 4194304 bytes, and this one has 8388608 [bmap-of-another-image]",
    ],
    [
      "a bmap that is none",
      ["toy.img", "LOOP", "--bmap", "toy.img"],
      "toy.img cannot be used: not a bmap file [bad-bmap]",
    ],
    [
      "a packed image that is cut off",
      ["cut.img.xz", "LOOP"],
      /cut.img.xz is damaged or cut off: .* \[image-damaged\]/,
    ],
    [
      "an image larger than the card",
      ["large.img", "LOOP", "--allow-loop", "--yes"],
      "the image has 13631488 bytes and LOOP only 12582912 [image-too-large]",
    ],
    [
      "the image as the drive",
      ["toy.img", "./toy.img", "--allow-file", "--yes"],
      "./toy.img is the image itself [drive-refused]",
    ],
    ["a folder", [".", "LOOP"], "is a folder, not an image [image-is-a-folder]"],
    ["no image", ["none.img", "LOOP"], "there is no image FOLDER/none.img [no-such-image]"],
    ["a drive that is not there", ["toy.img", "/dev/nothing"], "there is no drive /dev/nothing [no-such-drive]"],
    ["a drive twice", ["toy.img", "LOOP", "LOOP", "--allow-loop"], "LOOP is named twice (LOOP) [drive-twice]"],
    [
      "a station at any port",
      ["toy.img", "sdb", "--station", "--yes"],
      /its ports have to be named for good.* \[station-needs-ports\]/,
    ],
    [
      "more rows than drives",
      ["golden.img", "LOOP", "--allow-loop", "--yes", "--provision", "two.csv"],
      "two.csv:3:1: error: there are 2 rows and 1 drive: kiosk-02 has none [rows-without-drive]",
    ],
    [
      "more drives than rows",
      ["golden.img", "LOOP", "./spare.card", "--allow-loop", "--allow-file", "--yes", "--set", "hostname=kiosk"],
      "there is 1 row and 2 drives: nothing is said about ./spare.card [drives-without-row]",
    ],
    [
      "a host name twice",
      ["golden.img", "LOOP", "--provision", "same.csv"],
      "same.csv:3:1: error: two cards would have the hostname kiosk-01 [duplicate-card]",
    ],
    [
      "a column that is missing",
      ["golden.img", "LOOP", "--provision", "nameless.csv"],
      'nameless.csv:1:1: error: there is no column "hostname", and no two cards may have the same name [missing-column]',
    ],
    [
      "an image without a partition for it",
      ["toy.img", "LOOP", "--set", "hostname=kiosk"],
      /toy\.img has no provisioning partition: .* \[no-provision-partition\]\n {2}help: add \{ name: provision, content: provision, size: 8MiB \}/,
    ],
    [
      "more than the partition holds",
      ["golden.img", "LOOP", "--set", "hostname=kiosk", "--set", "file:/srv/a=toy.img"],
      /what kiosk is given takes 8\.0 MiB, and the provisioning partition has room for .* \[provision-too-large\]/,
    ],
    [
      "a row that is not there",
      ["golden.img", "LOOP", "--provision", "two.csv", "--rows", "kiosk-3"],
      'no row has the hostname "kiosk-3" [no-such-row]\n  help: did you mean "kiosk-01"?',
    ],
    [
      "one card's settings beside a list",
      ["golden.img", "LOOP", "--provision", "two.csv", "--set", "hostname=kiosk"],
      "--provision has a row for each card, and --set, --ssh-key, --wifi and --password are for a single one [two-kinds]",
    ],
    [
      "a secret that nobody can type",
      ["golden.img", "LOOP", "--set", "hostname=kiosk", "--wifi", "home"],
      "there is no terminal on which somebody could type: Passphrase of home [nobody-to-ask]",
    ],
    ...(onDisk
      ? [
          [
            "the system's disk",
            ["toy.img", system, "--yes", "--allow-large", "--allow-built-in"],
            /(holds the running system|is a partition of)/,
          ] as const,
        ]
      : []),
  ])("%s", async (_, args, message) => {
    const put = (text: string) => text.replaceAll("LOOP", loop).replaceAll("FOLDER", folder);
    const ran = await flash(...args.map(put));
    expect(ran.code).toBe(2);
    if (typeof message === "string") expect(ran.stderr).toContain(put(message));
    else expect(ran.stderr).toMatch(new RegExp(put(message.source)));
  });

  test("a drive in use", async () => {
    const held = openSync(loop, constants.O_RDWR | constants.O_EXCL);
    try {
      const ran = await flash("toy.img", loop, "--allow-loop", "--yes");
      expect(ran).toMatchObject({ code: 2 });
      expect(ran.stderr).toContain(
        `${loop} is in use by another program [drive-busy]\n  help: find out which: lsof ${loop}`,
      );
    } finally {
      closeSync(held);
    }
  });

  test("a drive that is read-only", async () => {
    const locked = attach("locked", "-r");
    const ran = await flash("toy.img", locked, "--allow-loop", "--yes");
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(`${locked} is read-only [drive-refused]`);
  });

  test("a drive that one has no rights to", async () => {
    const store = mkdtempSync(at("nobody-"));
    chmodSync(folder, 0o755);
    chmodSync(store, 0o777);
    const child = spawn(
      process.execPath,
      [join(HOME, "dist/cli/main.js"), "flash", "toy.img", loop, "--allow-loop", "--yes"],
      {
        cwd: folder,
        uid: 65534,
        gid: 65534,
        env: { ...process.env, BOARDSMITH_STORE: store, HOME: store },
      },
    );
    let said = "";
    child.stderr.on("data", (text) => {
      said += text;
    });
    expect(await new Promise((resolve) => child.once("close", resolve))).toBe(2);
    expect(said).toContain(`${loop} may not be written to by you [no-permission]\n  help: run it with sudo`);
  });
});

test("a damaged image fails in mid-write, and the card does not look like one", async () => {
  const loop = attach("damaged");
  writeFileSync(at("damaged.img"), Buffer.from(IMAGE.bytes).fill(1, 7 * MiB, 7 * MiB + 1));
  const ran = await flash("damaged.img", loop, "--allow-loop", "--yes", "--bmap", "toy.img.bmap");
  expect(ran.code).toBe(1);
  expect(ran.stdout).toMatch(
    /^loop\d+: failed: .*damaged.img is not what its bmap says: bytes 7340032 to 8388608 have sha256/m,
  );
  expect(readFileSync(at("damaged")).toString("latin1", 0, 59)).toBe(
    "boardsmith: this card is being written and is not whole yet",
  );
});

test("a mounted drive is refused, unmounted when that is asked for, and written", async () => {
  const loop = attach("mounted");
  execFileSync("mkfs.ext4", ["-q", loop]);
  const target = mkdtempSync(at("mount-"));
  execFileSync("mount", [loop, target]);
  const refused = await flash("toy.img", loop, "--allow-loop", "--yes");
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain(
    `${loop} is mounted (${loop.slice(5)} on ${target}) [drive-refused]\n  help: if you mean it, add --unmount`,
  );
  const done = await flash("toy.img", loop, "--allow-loop", "--yes", "--unmount");
  expect(done).toMatchObject({ code: 0, stderr: "" });
  expect(holds("mounted")).toBe(true);
});

test("drives are listed with the reasons against them", async () => {
  const loop = attach("listed");
  const { code, stdout } = await boardsmith(["drives"], { cwd: folder, env });
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`${loop} .*12 MiB .*is a loop device \\(${at("listed")}\\) \\[--allow-loop\\]`));
  const listed = JSON.parse((await boardsmith(["drives", "--json"], { cwd: folder, env })).stdout);
  expect(listed.find(({ path }: { path: string }) => path === loop)).toMatchObject({
    size: CARD,
    transport: "loop",
    refusals: [{ reason: "loop", override: "--allow-loop" }],
  });
});
