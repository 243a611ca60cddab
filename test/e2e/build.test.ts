import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { appendFile, copyFile, mkdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fatVolume } from "../../src/disk/fat-volume.js";
import type { RunEvent } from "../../src/run/events.js";
import { FETCH, RPM } from "../../src/steps/tools.js";
import { sha512Crypt } from "../../src/util/crypt.js";
import { boardsmith, type Project, project, type Ran, start } from "../rig/boardsmith.js";
import { type HttpRig, httpServer } from "../rig/http-server.js";
import { leftContainers } from "../rig/left-containers.js";
import { engineWith } from "../rig/op-run.js";
import { RPM_RIG, standIn, standInKernel } from "../rig/rpm-repository/repository.js";
import { serveRepository } from "../rig/rpm-repository/serve.js";
import { type Terminal, terminal } from "../rig/terminal.js";

/*
 * The main job from an empty store, then everything that may only be asked of a finished build. One file, because
 * the kernel is compiled once for all of it.
 */

let place: Project;
let first: Ran;
const run = (...args: string[]) => boardsmith(args, { cwd: place.folder, env: place.env });
const out = (name: string) => join(place.folder, "out", "cubieboard", `cubieboard.${name}`);
const json = async <T>(path: string) => JSON.parse(await readFile(path, "utf8")) as T;

/** Which steps ran and which were reused, from `--json`. */
function outcome(ran: Ran): { ran: string[]; reused: string[]; outcome?: string } {
  const events = ran.stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as RunEvent);
  const of = (type: RunEvent["type"]) => events.flatMap((e) => (e.type === type && "step" in e ? [e.step] : [])).sort();
  const end = events.find((e) => e.type === "run-finished");
  return {
    ran: of("step-started"),
    reused: of("step-reused"),
    outcome: end?.type === "run-finished" ? end.outcome : undefined,
  };
}

/** Containers of ours: those with something of this project's or its store's mounted. */
const left = (): string[] => leftContainers(place.folder, place.env.BOARDSMITH_STORE ?? place.folder);

beforeAll(async () => {
  place = await project();
  // The board's recipe with a folder of the user's own laid over the root filesystem.
  await mkdir(join(place.folder, "overlay", "etc"), { recursive: true });
  await writeFile(join(place.folder, "overlay", "etc", "motd"), "one\n");
  await appendFile(
    join(place.folder, "recipes", "cubieboard.yaml"),
    "provision:\n  overlays: [{ from: ../overlay, to: / }]\n",
  );
  first = await run("build", "cubieboard", "--yes", "--plain");
  if (first.code !== 0) console.error(first.stdout.slice(-8000), first.stderr);
});
afterAll(() => place?.[Symbol.asyncDispose]());

test("a recipe becomes a card that boots to a login", async () => {
  expect(first.code).toBe(0);
  expect(first.stdout).toContain("cubieboard for Cubieboard (A10, 1 GiB), proven to boot\n");
  const proof = await json<{
    verdict: string;
    stages: { name: string }[];
    checks: { name: string; verdict: string }[];
  }>(out("proof.json"));
  expect(proof.verdict).toBe("proven");
  const passed = proof.checks.filter(({ verdict }) => verdict === "passed").map(({ name }) => name);
  for (const name of [
    "memory size",
    "kernel version",
    "root file system",
    "no failed units",
    "growth",
    "device-mapper",
    "vgs",
  ]) {
    expect(
      passed.some((one) => one.includes(name)),
      `${name} among ${passed}`,
    ).toBe(true);
  }
  const serial = await readFile(out("serial.log"), "utf8");
  for (const words of ["U-Boot SPL 2025.01", "Starting kernel", "Linux version 6.12.", "login:"])
    expect(serial).toContain(words);
  const bill = await json<{ proven: boolean; packages: { name: string }[] }>(out("manifest.json"));
  expect(bill.proven).toBe(true);
  expect(bill.packages.map(({ name }) => name)).toContain("lvm2");
  await expect(stat(out("UNPROVEN"))).rejects.toThrow("ENOENT");
});

test("its records tell what went in, and its checksums hold for all of it", async () => {
  const bom = await json<{ components: { name: string; version: string; hashes?: unknown[]; licenses?: unknown[] }[] }>(
    out("cdx.json"),
  );
  const component = (name: string) => bom.components.find((one) => one.name === name);
  expect(component("linux")?.version).toMatch(/^6\.12\./);
  expect(component("u-boot")?.version).toBe("2025.01");
  expect(component("lvm2")?.hashes).toHaveLength(1);
  expect(component("lvm2")?.licenses).toContainEqual({ license: { id: "GPL-2.0-only" } });
  const statement = await json<{ subject: { name: string; digest: { sha256: string } }[] }>(out("provenance.json"));
  const image = execFileSync("sha256sum", [out("img")], { encoding: "utf8" }).slice(0, 64);
  expect(statement.subject).toEqual([{ name: "cubieboard.img", digest: { sha256: image } }]);
  const folder = join(out("img"), "..");
  execFileSync("sha256sum", ["--check", "--strict", "--quiet", "cubieboard.sha256"], { cwd: folder });
  expect(await json(out("lint.json"))).toEqual({ format: 1, findings: [] });
});

test("an image does not differ from itself", async () => {
  const same = await run("diff", "cubieboard", out("img"));
  expect(same.stdout).toContain("\nno difference\n");
  expect(same.code).toBe(0);
});

test("the image costs no more disk than what is in it", async () => {
  const { size, blocks } = await stat(out("img"));
  expect(size).toBe(2 * 1024 ** 3);
  expect(blocks * 512).toBeLessThan(size / 2);
});

test("nothing changed: nothing runs, and no engine is asked", async () => {
  const env = { ...place.env, DOCKER_HOST: "unix:///nonexistent.sock" };
  const again = await boardsmith(["build", "cubieboard"], { cwd: place.folder, env });
  expect(again.stderr).toBe("");
  expect(again.code).toBe(0);
  expect(again.stdout).toContain("nothing changed since it was built");
  const whole = await boardsmith(["build", "cubieboard", "--json"], { cwd: place.folder, env });
  expect(outcome(whole).ran).toEqual([]);
  expect(outcome(whole).outcome).toBe("built");
});

test("offline works once everything is stored", async () => {
  expect((await run("build", "cubieboard", "--offline", "--json")).code).toBe(0);
});

test("one overlay file changed: only provisioning, the image and its check are made again", async () => {
  await writeFile(join(place.folder, "overlay", "etc", "motd"), "two\n");
  const explained = await run("explain", "cubieboard", "provision");
  expect(explained.stdout).toContain("../overlay");
  const again = await run("build", "cubieboard", "--no-boot", "--json");
  expect(outcome(again).ran).toEqual(["checksum", "image", "lint", "provision"]);
  expect(await readFile(out("UNPROVEN"), "utf8")).toBe("The image was not booted.\n");
  await writeFile(join(place.folder, "overlay", "etc", "motd"), "one\n");
});

test("the plan needs no engine and knows what is stored", async () => {
  const { stdout, code } = await boardsmith(["plan", "cubieboard"], {
    cwd: place.folder,
    env: { ...place.env, DOCKER_HOST: "unix:///nonexistent.sock" },
  });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^cubieboard: \d+ steps, 0 to do$/m);
});

test("a corrupt object is found and what it belongs to made again, with the same bytes", async () => {
  await run("build", "cubieboard", "--no-boot", "--json");
  const before = await json<{ files: unknown }>(out("manifest.json"));
  const image = out("boot-map.json");
  const { chmod } = await import("node:fs/promises");
  await chmod(image, 0o644);
  await truncate(image, 3);
  const again = await run("build", "cubieboard", "--no-boot", "--json");
  expect(again.code).toBe(0);
  expect(outcome(again).ran).toContain("boot-files");
  expect((await json<{ files: unknown[] }>(out("manifest.json"))).files).toEqual(
    (before.files as { step: string }[]).filter(({ step }) => step !== "proof"),
  );
});

test("killed at twenty random moments, it goes on and gives the same bytes", async () => {
  // What is downloaded and compiled stays; everything from the bare root filesystem on is made again each time.
  const { readdir, rm } = await import("node:fs/promises");
  const store = place.env.BOARDSMITH_STORE ?? "";
  const remake = new Set(["provision", "boot-files", "image", "lint", "checksum"]);
  const forget = async () => {
    for (const dir of await readdir(join(store, "results"))) {
      for (const file of await readdir(join(store, "results", dir))) {
        const path = join(store, "results", dir, file);
        if (remake.has((await json<{ step: string }>(path)).step)) await rm(path);
      }
    }
  };
  const digests = async () => JSON.stringify((await json<{ steps: unknown }>(out("manifest.json"))).steps);
  const build = ["build", "cubieboard", "--no-boot", "--json"];
  await forget();
  const started = Date.now();
  expect((await run(...build)).code).toBe(0);
  const whole = Date.now() - started;
  const undisturbed = await digests();
  for (let i = 0; i < 20; i++) {
    await forget();
    const victim = start(build, { cwd: place.folder, env: place.env });
    // Spread over the whole build, none at a moment chosen by us.
    const timer = setTimeout(() => victim.kill("SIGKILL"), ((i + Math.random()) / 20) * whole);
    await victim.done;
    clearTimeout(timer);
    // Every other time the next build has to go on from what is there; a killed one may also follow a killed one.
    if (i % 4 !== 3) continue;
    const after = await run(...build);
    expect(after.code, after.stderr).toBe(0);
    expect(await digests()).toBe(undisturbed);
  }
  expect((await run("store", "verify")).code).toBe(0);
  expect(await readdir(join(store, "tmp"))).toEqual([]);
  expect(await readdir(join(store, "locks"))).toEqual([]);
  expect(left()).toEqual([]);
});

test("Ctrl-C stops within three seconds and leaves nothing running", async () => {
  await writeFile(join(place.folder, "overlay", "etc", "motd"), "three\n");
  const running = start(["build", "cubieboard", "--plain"], { cwd: place.folder, env: place.env });
  await running.until(/\[image\]/);
  const at = Date.now();
  running.kill("SIGINT");
  const { code, stderr } = await running.done;
  expect(Date.now() - at).toBeLessThan(3000);
  expect(code).toBe(130);
  expect(stderr).toContain("stopped; nothing is left running");
  expect(left()).toEqual([]);
  await writeFile(join(place.folder, "overlay", "etc", "motd"), "one\n");
});

test("two builds of one recipe at once: the second waits and takes what the first made", async () => {
  await writeFile(join(place.folder, "overlay", "etc", "motd"), "four\n");
  const build = ["build", "cubieboard", "--no-boot", "--json"];
  const [one, two] = await Promise.all([run(...build), run(...build)]);
  expect([one.code, two.code]).toEqual([0, 0]);
  const made = [...outcome(one).ran, ...outcome(two).ran].sort();
  expect(made).toEqual(["checksum", "image", "lint", "provision"]);
});

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

const MINUTE = 60_000;
const on = (...args: string[]): Terminal => terminal(args, { cwd: place.folder, env: place.env });

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
/** Ends the emulator, as its greeting says. */
const CTRL_A_X = "\u0001x";

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

const ESCAPE = "\u001b\u001b";

test("menuconfig on the terminal: one symbol switched is one line in a fragment, and a build with it has a new kernel", async () => {
  const menu = on("kernel", "menuconfig", "cubieboard");
  await menu.shows(/Linux\/arm .* Kernel Configuration[\s\S]*General setup/, 10 * MINUTE);
  menu.type("/");
  await menu.shows(/Search Configuration Parameter/);
  menu.type("IKHEADERS\r");
  await menu.shows(/Symbol: IKHEADERS \[=n\]/);
  // The digit before a result leads to where it is set.
  menu.type("1");
  await menu.shows(/< > Enable kernel headers through/);
  menu.type("y");
  await menu.shows(/<\*> Enable kernel headers through/);
  // Out of that menu, of the search, of the main menu.
  menu.type(ESCAPE);
  await menu.shows(/Symbol: IKHEADERS \[=y\]/);
  menu.type(ESCAPE);
  await menu.shows(/General setup +--->/);
  menu.type(ESCAPE);
  await menu.shows(/save your new configuration/);
  menu.type("\r");
  expect(await menu.ended).toBe(0);
  const folder = join(place.folder, "recipes");
  expect(await readFile(join(folder, "kernel/cubieboard.menuconfig.config"), "utf8")).toBe("CONFIG_IKHEADERS=y\n");
  const fragments = "fragments: [kernel/slim.config, kernel/cubieboard.menuconfig.config]";
  expect(menu.screen.text).toContain(`    ${fragments}`);
  const recipe = join(folder, "cubieboard.yaml");
  const text = await readFile(recipe, "utf8");
  await writeFile(recipe, text.replace("fragments: [kernel/slim.config]", fragments));
  expect((await run("plan", "cubieboard")).stdout).toMatch(/^ {2}kernel +to do /m);
  expect((await run("explain", "cubieboard", "kernel")).stdout).toContain("menuconfig.config was added to kernel");
  await writeFile(recipe, text);
});

/** A mirror of openSUSE's hosts: the stand-in and the repository of its kernels. Their key is keys/stand-in.asc. */
async function openSUSE(): Promise<HttpRig> {
  const engine = await engineWith(FETCH, RPM_RIG, RPM);
  const server = await httpServer();
  try {
    const made = await standIn(engine);
    serveRepository(server, "ports/armv7hl/tumbleweed/repo/oss", made.repository, join(place.folder, "oss"));
    const kernels = await standInKernel(engine, made);
    serveRepository(server, "repositories/Kernel:/stable/ARM", kernels, join(place.folder, "kernels"));
    await copyFile(made.key, join(place.folder, "recipes", "keys", "stand-in.asc"));
  } finally {
    await engine.close();
  }
  return server;
}

test("openSUSE on an MK802 with 512 MB, root on LVM, boots with the kernel that is there already", async () => {
  await using server = await openSUSE();
  // The shipped recipe but for the key (nobody here has openSUSE's), a wizard, and a root volume that can grow.
  await writeFile(
    join(place.folder, "recipes", "geeko.yaml"),
    `description: the shipped recipe, with the key of the stand-in
extends: mk802-opensuse-lvm.yaml
rootfs: { repositories: { oss: { keys: [keys/stand-in.asc] } } }
provision: { firstboot: systemd }
image:
  partitions:
    - { name: boot, content: boot, filesystem: fat32, size: 64MiB }
    - name: pv
      content: lvm
      size: rest
      group: system
      volumes:
        - { name: swap, content: swap, size: 128MiB }
        - { name: data, content: empty, size: 256MiB, mount: /srv }
        - { name: root, content: root, size: rest }
proof:
  checks:
    - { name: packages, run: rpm -qa, expect: "^lvm2-" }
    - { name: distribution, run: cat /etc/os-release, expect: openSUSE Tumbleweed }
`,
  );
  const ran = await run("build", "geeko", "--json", "--mirror", `http://download.opensuse.org/=${server.url}/`);
  expect(ran.code, ran.stderr).toBe(0);
  expect(outcome(ran).reused).toEqual(expect.arrayContaining(["kernel", "source:linux", "source:u-boot"]));
  const proof = await json<{ verdict: string; checks: { name: string; verdict: string }[] }>(
    join(place.folder, "out", "geeko", "geeko.proof.json"),
  );
  expect(proof.verdict).toBe("proven");
  const checks = [
    "memory size",
    "root file system",
    "growth",
    "vgs",
    "logical volumes",
    "mounts",
    "packages",
    "distribution",
  ];
  for (const name of checks) expect(proof.checks.find((one) => one.name === name)).toMatchObject({ verdict: "passed" });
});

test("its first boot on a larger card asks and grows all, its second asks nothing", async () => {
  const card = join(place.folder, "geeko");
  await mkdir(card);
  execFileSync("cp", ["--sparse=always", "--no-preserve=mode", join(place.folder, "out/geeko/geeko.img"), card]);
  await truncate(join(card, "geeko.img"), 4 * 1024 ** 3);
  const boot = () => on("boot", "geeko/geeko.img", "--board", "mk802", "--interactive", "--write");
  const login = async (board: Terminal) => {
    await board.typeSlowly("root\r");
    await board.shows(/Password:/);
    await board.typeSlowly("open sesame\r");
    await board.shows(/mk802:~ #/, 5 * MINUTE);
  };
  const first = boot();
  await first.shows(/Press any key to proceed/, 15 * MINUTE);
  await first.typeSlowly("\r");
  await first.shows(/new root password \(empty to skip\)/, MINUTE);
  await first.typeSlowly("open sesame\r");
  await first.shows(/new root password again/, MINUTE);
  await first.typeSlowly("open sesame\r");
  await first.shows(/login:/, 15 * MINUTE);
  await login(first);
  // In MiB: the image's own root has less than 1600.
  const sizes = "df -m --output=size / | tail -n 1; lvs --noheadings --units m --nosuffix -o lv_size system/root";
  const grown = /^ *3[3-6]\d\d\n *3[3-6]\d\d\.00$/m;
  await first.typeSlowly(`systemctl is-system-running --wait; ${sizes}\r`);
  await first.shows(grown, 5 * MINUTE);
  // The board has nothing that could cut its power.
  await first.typeSlowly("poweroff\r");
  await first.shows(/reboot: (Power down|.*System halted)/, 5 * MINUTE);
  first.type(CTRL_A_X);
  expect(await first.ended).toBe(0);

  const second = boot();
  await second.shows(/login:/, 15 * MINUTE);
  expect(second.written).not.toMatch(/Press any key|new root password|boardsmith: set a password/);
  await login(second);
  await second.typeSlowly(`systemctl is-enabled sshd; ${sizes}\r`);
  await second.shows(grown, 5 * MINUTE);
  expect(second.screen.text).toMatch(/^enabled$/m);
  second.type(CTRL_A_X);
  expect(await second.ended).toBe(0);
});

test("openSUSE with its own kernel-default: an initramfs brings up LVM and hands over to the root on it", async () => {
  await using server = await openSUSE();
  // The shipped recipe with few packages, its root on a volume, and a shell as init: what is proven here lies before init.
  await writeFile(
    join(place.folder, "recipes", "packaged.yaml"),
    `description: the shipped recipe on LVM, with the key of the stand-in
extends: cubieboard-opensuse-kernel-default.yaml
rootfs:
  repositories:
    oss: { keys: [keys/stand-in.asc] }
    kernel: { url: "http://download.opensuse.org/repositories/Kernel:/stable/ARM", keys: [keys/stand-in.asc] }
  patterns: []
  packages: [openSUSE-release, aaa_base, bash, coreutils, grep, systemd, udev, kmod, util-linux, shadow, e2fsprogs, lvm2]
boot: { arguments: [modprobe.blacklist=sun4i_ss, init=/bin/bash] }
provision: { network: [], units: { enable: [] } }
image:
  size: 512MiB
  partitions:
    - { name: boot, content: boot, filesystem: fat32, size: 64MiB }
    - { name: pv, content: lvm, size: rest, group: system, volumes: [{ name: root, content: root, size: rest }] }
`,
  );
  const ran = await run(
    ...["build", "packaged", "--no-boot", "--json", "--mirror", `http://download.opensuse.org/=${server.url}/`],
  );
  expect(ran.code, ran.stderr).toBe(0);
  const packages = await json<{ packages: { name: string }[] }>(
    join(place.folder, "out", "packaged", "packaged.manifest.json"),
  );
  expect(packages.packages.map(({ name }) => name)).toEqual(expect.arrayContaining(["kernel-default", "dtb-sun4i"]));

  const board = on("boot", "packaged", "--interactive");
  await board.shows(/root@\(none\):\/# /, 15 * MINUTE);
  await board.typeSlowly("mount -t proc proc /proc; mount -t sysfs sys /sys; uname -r; grep ' / ' /proc/mounts\r");
  await board.shows(/^6\.12\.\S+-armmp\n\/dev\/mapper\/system-root \/ ext4 rw/m, MINUTE);
  await board.typeSlowly("/usr/sbin/lvm lvs --noheadings -o lv_attr,vg_name,lv_name\r");
  await board.shows(/^ *-wi-ao---- system root/m, 5 * MINUTE);
  board.type(CTRL_A_X);
  expect(await board.ended).toBe(0);
});
