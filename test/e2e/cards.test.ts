import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fatVolume } from "../../src/disk/fat-volume.js";
import { sha512Crypt } from "../../src/util/crypt.js";
import { boardsmith, type Project } from "../rig/boardsmith.js";
import { afterMainJob } from "../rig/main-job.js";
import { outcome } from "../rig/outcome.js";
import { type Terminal, terminal } from "../rig/terminal.js";
import { KEY } from "../rig/wizard-world.js";

/* Other cards that take the kernel or the root filesystem of the main job's. */

let place: Project;
const run = (...args: string[]) => boardsmith(args, { cwd: place.folder, env: place.env });
const on = (...args: string[]): Terminal => terminal(args, { cwd: place.folder, env: place.env });
const json = async <T>(path: string) => JSON.parse(await readFile(path, "utf8")) as T;

const MINUTE = 60_000;
/** Ends the emulator, as its greeting says. */
const CTRL_A_X = "\u0001x";

beforeAll(async () => {
  place = await afterMainJob();
});
afterAll(() => place?.[Symbol.asyncDispose]());

test.each([
  // The quickest card: one static busybox.
  ["cubieboard-busybox", "kernel", "proven"],
  // An A20 card, as far as its emulated relative carries it.
  ["cubieboard2", "rootfs", "proven-to-kernel"],
])("%s takes the %s that is there, and is %s", async (recipe, reused, verdict) => {
  const ran = await run("build", recipe, "--json");
  expect(ran.code, ran.stderr).toBe(0);
  expect(outcome(ran).reused).toContain(reused);
  const file = join(place.folder, "out", recipe, `${recipe}.proof.json`);
  expect((await json<{ verdict: string }>(file)).verdict).toBe(verdict);
});

/** What the first boot asks, and a login as root. */
async function logIn(board: Terminal): Promise<void> {
  await board.shows(/New password:/, 15 * MINUTE);
  await board.typeSlowly("open sesame\r");
  await board.shows(/Repeat password:/);
  await board.typeSlowly("open sesame\r");
  await board.shows(/password set[\s\S]*login:/, 15 * MINUTE);
  await board.typeSlowly("root\r");
  await board.shows(/Password:/);
  await board.typeSlowly("open sesame\r");
  await board.shows(/root@cubieboard:~#/, 5 * MINUTE);
}
test("the board's console on the terminal: a password at first boot, a login, a command, and the way out", async () => {
  const board = on("boot", "cubieboard-busybox", "--interactive");
  await logIn(board);
  await board.typeSlowly("echo $((6*7)); uname -m\r");
  await board.shows(/^42\narmv7l$/m);
  board.type(CTRL_A_X);
  expect(await board.ended).toBe(0);
  expect(board.written).toContain("the serial console is yours; Ctrl-A X ends the emulator");
});

test("two cards of one image, each its own: flashed, alike but for that, and booted under their own names", async () => {
  const image = join(place.folder, "out", "cubieboard-busybox", "cubieboard-busybox.img");
  const at = (name: string) => join(place.folder, name);
  const hash = sha512Crypt("open sesame", "saltsalt");
  const keyOf = (number: number) => {
    const blob = Buffer.concat([Buffer.from("\0\0\0\x0bssh-ed25519\0\0\0\x20"), Buffer.alloc(32, number)]);
    return `ssh-ed25519 ${blob.toString("base64")} ada-${number}`;
  };
  const rows = [1, 2].map((number) => [
    `kiosk-0${number}`,
    `10.0.2.3${number}/24`,
    `02:00:5e:10:00:0${number}`,
    "root",
    hash,
    keyOf(number),
    "wheel",
    "motd",
  ]);
  const columns = ["hostname", "address", "mac", "user", "password-hash", "ssh-key", "groups", "file:/srv/deep/motd"];
  await writeFile(at("motd"), "this card is its own\n");
  await writeFile(at("cards.csv"), [columns, ...rows].map((row) => `${row.join(",")}\n`).join(""));
  const names = ["card-1.img", "card-2.img"];
  for (const name of names) await writeFile(at(name), "").then(() => truncate(at(name), 256 * 1024 ** 2));
  const loops = names.map((name) => execFileSync("losetup", ["-f", "--show", at(name)], { encoding: "utf8" }).trim());
  try {
    const args = ["--yes", "--allow-loop", "--provision", "cards.csv", "--record", "cards.ndjson"];
    const flashed = await run("flash", image, ...loops, ...args);
    expect(flashed.code, flashed.stderr).toBe(0);
    expect(flashed.stderr).toContain(`kiosk-01 (line 2) goes to ${loops[0]?.slice(5)}\nkiosk-02 (line 3) goes to`);
  } finally {
    for (const loop of loops) execFileSync("losetup", ["-d", loop]);
  }
  const records = (await readFile(at("cards.ndjson"), "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const { own } = records[0].card as { own: { start: number; end: number } };
  expect(records.map(({ card }) => card.hostname).sort()).toEqual(["kiosk-01", "kiosk-02"]);
  expect(JSON.stringify(records)).not.toContain(hash);
  const [golden, ...cards] = [image, ...names.map(at)].map((path) => readFileSync(path));
  if (!golden) throw new Error("no image");
  for (const card of cards) {
    expect(card.subarray(0, own.start).equals(golden.subarray(0, own.start))).toBe(true);
    expect(card.subarray(own.end).equals(golden.subarray(own.end))).toBe(true);
    expect(card.equals(golden)).toBe(false);
  }
  const boot = (name: string) => on("boot", at(name), "--board", "cubieboard", "--interactive", "--write");
  await Promise.all(
    names.map(async (name, index) => {
      const board = boot(name);
      await board.shows(new RegExp(`this card is kiosk-0${index + 1} now[^]*kiosk-0${index + 1} login:`), 5 * MINUTE);
      await board.typeSlowly("root\r");
      await board.shows(/Password:/);
      await board.typeSlowly("open sesame\r");
      await board.shows(new RegExp(`root@kiosk-0${index + 1}:~#`), 5 * MINUTE);
      // The network comes beside the login, and may be later.
      await board.typeSlowly(
        "clear; until ip addr show eth0 | grep 10.0.2; do sleep 1; done; ip link show eth0; groups; cat /srv/deep/motd\r",
      );
      const seen = [`10.0.2.3${index + 1}/24 `, `02:00:5e:10:00:0${index + 1} `, "wheel", "this card is its own"];
      await board.shows(new RegExp(seen.join("[^]*")), 2 * MINUTE);
      await board.typeSlowly("clear; cat .ssh/authorized_keys; sync; poweroff\r");
      await board.shows(new RegExp(`ssh-ed25519 [^]* ada-${index + 1}$`, "m"), 2 * MINUTE);
      await board.shows(/Power down|System halted|reboot: /, 2 * MINUTE);
      board.type(CTRL_A_X);
      await board.ended;
      // What was secret is gone, and an empty filesystem is left.
      const area = readFileSync(at(name)).subarray(own.start, own.end);
      expect(area.includes(hash)).toBe(false);
      const volume = fatVolume((offset, length) => area.subarray(offset, offset + length), 0);
      expect([volume?.label, volume?.files]).toEqual(["BOARDSMITH", []]);
      expect(area.subarray(1024 * 1024).equals(Buffer.alloc(area.length - 1024 * 1024))).toBe(true);
    }),
  );
});

test("answers become a recipe, the recipe an image that boots, the image a card, each with its own name and key", async () => {
  await mkdir(join(place.folder, "home", ".ssh"), { recursive: true });
  await writeFile(join(place.folder, "home", ".ssh", "id_ed25519.pub"), `${KEY}\n`);
  const env = { ...place.env, HOME: join(place.folder, "home"), TERM: "dumb" };
  const at = terminal(["wizard"], { cwd: place.folder, env, rows: 200, columns: 400 });
  for (const [question, keys] of [
    [/^Which board(.*\n)+Number:$/m, "cubieboard"],
    [/^What is it for(.*\n)+Number, .*:$/m, "busybox"],
    [/^Which kernel(.*\n)+Number, .*:$/m, ""],
    [/^How large(.*\n)+Number, .*:$/m, ""],
    [/^How is the card laid out(.*\n)+Number, .*:$/m, ""],
    [/host name\?\nAnswer, .*:$/m, "kiosk"],
    [/^Who logs in(.*\n)+Number, .*:$/m, ""],
    [/user's name\?\nAnswer, .*:$/m, "ada"],
    [/^Password, .*:$/m, ""],
    [/^Which SSH keys(.*\n)+Numbers, .*\[1\]:$/m, ""],
    [/^Which compressed(.*\n)+Numbers, .*:$/m, ""],
    [/recipe called\?(.*\n)+Answer, .*:$/m, "kiosk"],
    // Save it, build the image, and flash a card.
    [/^What now(.*\n)+Number, .*:$/m, "3"],
    [/^Onto which drive\?\n(.*\n)*\d+\. none\nNumber, .*:$/m, "none"],
  ] as const) {
    await at.shows(question, 10 * MINUTE);
    at.type(`${keys}\r`);
  }
  expect(await at.ended).toBe(0);
  expect(at.screen.text).toMatch(
    /kiosk for Cubieboard \(A10, 1 GiB\), proven to boot\n[\s\S]*flash it later: boardsmith flash kiosk DRIVE$/,
  );
  const made = (name: string) => join(place.folder, "out", "kiosk", `kiosk.${name}`);
  expect(await readFile(made("serial.log"), "utf8")).toMatch(/^.*kiosk login:/m);
  const { partitions } = await json<{ partitions: { content: string; offset: number }[] }>(made("layout.json"));
  const card = join(place.folder, "kiosk.card");
  await writeFile(card, "");
  await truncate(card, (await stat(made("img"))).size);
  const loop = execFileSync("losetup", ["-f", "--show", card], { encoding: "utf8" }).trim();
  try {
    const flashed = await run("flash", "kiosk", loop, "--yes", "--allow-loop");
    expect(flashed.stdout).toMatch(/: good: .*, every byte read back\n$/);
  } finally {
    execFileSync("losetup", ["-d", loop]);
  }
  // What was proven to boot, byte for byte, and in it what was answered.
  execFileSync("cmp", [made("img"), card]);
  const root = `${card}?offset=${partitions.find(({ content }) => content === "root")?.offset}`;
  const file = (path: string) =>
    execFileSync("debugfs", ["-R", `cat ${path}`, root], { encoding: "utf8", stdio: "pipe" });
  expect(file("/home/ada/.ssh/authorized_keys")).toBe(`${KEY}\n`);
  expect(file("/etc/hostname")).toBe("kiosk\n");
});

test("over the network: the card holds U-Boot alone, the kernel comes by TFTP and the root file system by NFS", async () => {
  const ran = await run("build", "cubieboard-netboot", "--json");
  expect(ran.code, ran.stderr).toBe(0);
  expect(outcome(ran).reused).toEqual(expect.arrayContaining(["kernel", "rootfs"]));
  const file = (name: string) => join(place.folder, "out", "cubieboard-netboot", `cubieboard-netboot.${name}`);
  const proof = await json<{ verdict: string; checks: { name: string; verdict: string }[]; powerOff: string }>(
    file("proof.json"),
  );
  expect(proof.verdict).toBe("proven");
  expect(proof.checks).toContainEqual(expect.objectContaining({ name: "root file system", verdict: "passed" }));
  expect(proof.powerOff).toMatch(/^clean/);
  const serial = await readFile(file("serial.log"), "utf8");
  expect(serial).toMatch(/TFTP from server 10\.0\.2\.2[\s\S]*Filename 'zImage'/);
  expect(serial).toContain("VFS: Mounted root (nfs filesystem)");
  const listed = (name: string) => execFileSync("tar", ["-tf", file(name)], { encoding: "utf8" }).split("\n");
  expect(listed("tftp.tar")).toEqual([
    "pxelinux.cfg/",
    "zImage",
    "sun4i-a10-cubieboard.dtb",
    "pxelinux.cfg/default",
    "",
  ]);
  expect(listed("nfsroot.tar")).toContain("./etc/shadow");
  expect(await readFile(file("exports"), "utf8")).toMatch(/^\/srv\/nfs\/cubieboard-netboot \*\(rw,/);
  expect((await stat(file("img"))).size).toBe(8 * 1024 ** 2);
});
