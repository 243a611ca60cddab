import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { toolTag } from "../../src/engine/docker/tool-tag.js";
import { BUILD } from "../../src/steps/tools.js";
import { boardsmith, HOME, type Ran, start } from "../rig/boardsmith.js";
import { fakeKernel } from "../rig/card.js";
import { canRunDockerd, startOwnDockerd } from "../rig/own-dockerd.js";
import { containers, type Toy, toy } from "../rig/toy.js";

/*
 * What goes wrong in the middle of a build, through the whole program: the exit code, every word that a person reads
 * about it, and that nothing is left behind.
 */

let place: Toy;
let before: ReadonlySet<string>;
// Compiles first when need be: that is told on stderr.
beforeAll(() => boardsmith(["--version"], { cwd: HOME }));
beforeEach(async () => {
  before = containers();
  place = await toy();
});
afterEach(async () => {
  // Other builds on this machine may have containers of their own: ours are the ones that stay.
  const mine = [...containers()].filter((id) => !before.has(id) && ownerOf(id).includes(`:${place.folder}`));
  await place[Symbol.asyncDispose]();
  expect(mine).toEqual([]);
});

const ownerOf = (id: string): string => {
  try {
    return execFileSync("docker", ["inspect", "-f", "{{range .Mounts}}:{{.Source}}{{end}}", id], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    // Gone meanwhile.
    return "";
  }
};

const build = (env: { readonly [name: string]: string } = {}, ...flags: string[]): Promise<Ran> =>
  boardsmith(["build", "toy", "--no-boot", "--plain", ...flags], {
    cwd: place.folder,
    env: { ...place.env, ...env },
  });

const MIB = 1024 ** 2;

/** What is said of a failed step, from "step NAME failed" to the run's end, without what differs from run to run. */
function told({ stdout }: Ran, step: string): string[] {
  const lines = stdout.trimEnd().split("\n");
  return lines
    .slice(lines.findIndex((line) => line.startsWith(`[${step}] step ${step} failed`)))
    .filter((line) => !/^\[.*\] (cancelled|done in .*)$/.test(line))
    .map((line) =>
      line
        .replace(`[${step}] `, "")
        .replaceAll(place.folder, "PROJECT")
        .replace(/toy-\w{8}\/logs\/[^/]+/, "toy/logs/RUN")
        .replace(/after \d+\.\d s/, "after T"),
    );
}

test("a patch that does not apply: every hunk with its file, and what was rejected", async () => {
  const hunk = (at: number, was: string, is: string) =>
    ` here\n-${was}\n+${is}\n there\n`.replace(/^/, `@@ -${at},3 +${at},3 @@\n`);
  await place.write(
    "patches/old.patch",
    `--- a/Kconfig\n+++ b/Kconfig\n${hunk(2, "one", "two")}${hunk(12, "three", "four")}`,
  );
  await place.edit("recipes/toy.yaml", (text) =>
    text.replace("  defconfig:", "  patches: [../patches/old.patch]\n  defconfig:"),
  );
  const ran = await build();
  // Other steps' lines may stand between them.
  const kernel = ran.stdout.split("\n").filter((line) => line.startsWith("[kernel]"));
  expect(kernel.join("\n")).toContain(
    "[kernel] patch ../patches/old.patch: hunk 1 of Kconfig (line 2) does not apply\n[kernel]     --- Kconfig\n",
  );
  expect(ran.stdout.split("[kernel]     +++ Kconfig")).toHaveLength(2);
  expect(told(ran, "kernel")).toEqual([
    "step kernel failed: its script ended with exit code 1",
    "../patches/old.patch:3:1: error: patch ../patches/old.patch: hunk 1 of Kconfig (line 2) does not apply [patch-failed]",
    "  3 | @@ -2,3 +2,3 @@",
    "    | ^^^^^^^^^^^^^^^",
    "  help: make it fit this source, or leave it out",
    "",
    "../patches/old.patch:8:1: error: patch ../patches/old.patch: hunk 2 of Kconfig (line 12) does not apply [patch-failed]",
    "  8 | @@ -12,3 +12,3 @@",
    "    | ^^^^^^^^^^^^^^^^^",
    "  help: make it fit this source, or leave it out",
    "",
    "2 errors",
    "  whole log: PROJECT/store/state/toy/logs/RUN/kernel.log",
    "  a shell there: boardsmith shell toy kernel",
    "toy: failed after T",
  ]);
  expect(ran.stderr).toBe("error: step kernel failed: its script ended with exit code 1\n");
  expect(ran.code).toBe(1);
});

test("a fragment's symbol that does not survive: which line asked, and what it lacks", async () => {
  await place.write("recipes/mine.config", "# wanted\nCONFIG_NEVER=y\n");
  await place.edit("recipes/toy.yaml", (text) =>
    text.replace("  defconfig:", "  fragments: [mine.config]\n  defconfig:"),
  );
  const ran = await build();
  expect(told(ran, "kernel")).toEqual([
    "step kernel failed: its script ended with exit code 1",
    "mine.config:2:1: error: CONFIG_NEVER=y was asked for, but it is not set: it needs ABSENT=y (is not set) (Kconfig:5) [dropped-symbol]",
    "  2 | CONFIG_NEVER=y",
    "    | ^^^^^^^^^^^^^^",
    "  help: ask for CONFIG_ABSENT=y too; or list NEVER under allow-dropped to do without",
    "",
    "1 error",
    "  whole log: PROJECT/store/state/toy/logs/RUN/kernel.log",
    "  a shell there: boardsmith shell toy kernel",
    "toy: failed after T",
  ]);
  expect(ran.stderr).toBe("error: step kernel failed: its script ended with exit code 1\n");
  expect(ran.code).toBe(1);
});

test("a kernel that is too large for its address: whom it runs into, and by how much", async () => {
  await place.write("linux/zImage.bin", fakeKernel(16 * MIB, 30 * MIB, MIB));
  const ran = await build();
  expect(told(ran, "boot-files")).toEqual([
    "step boot-files failed: the board would not boot: its memory is taken twice",
    "error: the kernel (zImage), 16.0 MiB at 0x42000000 to 0x43000040, runs into the device tree (sun4i-a10-cubieboard.dtb), 72 B at 0x43000000 to 0x43000048, while loading, by 64 B [boot-overlap]",
    "  help: make the kernel smaller (drivers as modules, CONFIG_KERNEL_XZ) by at least 64 B, or move the other to 0x43001000 or further",
    "",
    "1 error",
    "  whole log: PROJECT/store/state/toy/logs/RUN/boot-files.log",
    "toy: failed after T",
  ]);
  expect(ran.stderr).toBe("error: step boot-files failed: the board would not boot: its memory is taken twice\n");
  expect(ran.code).toBe(1);
});

test("content that its partition has no room for: which, how much, and the size it takes", async () => {
  await place.edit("recipes/toy.yaml", (text) => text.replace("size: rest", "size: 4MiB"));
  const ran = await build();
  expect(told(ran, "image")).toEqual([
    "step image failed: the image's layout does not work out",
    'error: the content of partition "root" takes 2.1 MiB, its ext4 of 4 MiB has room for 0 B [layout-content-too-large]',
    "  help: make the partition at least 9 MiB, or use `size: content`",
    "",
    "1 error",
    "  whole log: PROJECT/store/state/toy/logs/RUN/image.log",
    "  a shell there: boardsmith shell toy image",
    "toy: failed after T",
  ]);
  expect(ran.code).toBe(1);
  // The remedy is one.
  await place.edit("recipes/toy.yaml", (text) => text.replace("size: 4MiB", "size: 9MiB"));
  expect(await build()).toMatchObject({ code: 0, stderr: "" });
});

test("a download with other bytes: both digests, and nothing of it is kept", async () => {
  const good = place.server.resources.get("/root.tar.gz");
  const [, asked] = /sha256: (\w+)/.exec(place.recipe) ?? [];
  place.server.resources.set("/root.tar.gz", { body: Buffer.from("a page that says sorry") });
  const ran = await build();
  const message = `source "root": ${place.server.url}/root.tar.gz gave 22 bytes with sha256 c89f65a8fb3d28c2e60ed35b8bc5474238a215bf507cc8fd114eb15ba0019ed2, but the recipe asks for ${asked}`;
  expect(told(ran, "source:root")).toEqual([
    "step source:root failed",
    `error: ${message} [hash-mismatch]`,
    "  help: if the project replaced the file, check it and put the new sha256 into the recipe; if not, do not trust that host",
    "",
    "1 error",
    "  whole log: PROJECT/store/state/toy/logs/RUN/source-root.log",
    "toy: failed after T",
  ]);
  expect(ran.stderr).toBe(`error: step source:root failed: ${message}\n`);
  expect(ran.code).toBe(1);
  expect(readdirSync(join(place.folder, "store/cache/http"))).toEqual([]);
  if (good) place.server.resources.set("/root.tar.gz", good);
  expect((await build()).code).toBe(0);
});

test("a host that is gone: the one option that mends it, and it does", async () => {
  await place.edit("recipes/toy.yaml", (text) => text.replace(place.server.url, "http://gone.invalid"));
  const ran = await build();
  const message = 'source "root" cannot be fetched: http://gone.invalid/root.tar.gz: no host of that name';
  expect(told(ran, "source:root")).toEqual([
    "step source:root failed",
    `error: ${message} [unreachable]`,
    "  help: if the file moved or its host is gone, name another place for it: --mirror http://gone.invalid/=https://mirror.example/",
    "",
    "1 error",
    "  whole log: PROJECT/store/state/toy/logs/RUN/source-root.log",
    "toy: failed after T",
  ]);
  expect(ran.stderr).toBe(`error: step source:root failed: ${message}\n`);
  expect(ran.code).toBe(1);
  expect((await build({}, "--mirror", `http://gone.invalid/=${place.server.url}/`)).code).toBe(0);
});

/** Only root may mount; elsewhere the disk cannot be filled without harm. */
test.runIf(process.getuid?.() === 0)("a full disk: which store, and with more room the build goes on", async () => {
  const disk = join(place.folder, "disk");
  const store = join(disk, "store");
  mkdirSync(disk);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=12m", "tmpfs", disk]);
  try {
    const ran = await build({ BOARDSMITH_STORE: store });
    const words = [
      /^error: no space left in the store PROJECT\/disk\/store \(\d+(\.\d)? \w+ free\) \[store-full\]$/,
      /^ {2}help: free some with "boardsmith store gc", or put the store elsewhere with --store or BOARDSMITH_STORE; the build then goes on where it was$/,
      /^$/,
      /^1 error$/,
    ];
    const lines = ran.stderr.trimEnd().replaceAll(place.folder, "PROJECT").split("\n");
    expect(lines).toEqual(words.map((line) => expect.stringMatching(line)));
    expect(ran.code).toBe(2);
    expect(readdirSync(join(store, "tmp"))).toEqual([]);
    execFileSync("mount", ["-o", "remount,size=100m", disk]);
    const again = await build({ BOARDSMITH_STORE: store });
    expect(again).toMatchObject({ code: 0, stderr: "" });
    expect(again.stdout).toContain("[kernel] reused\n");
  } finally {
    execFileSync("umount", [disk]);
  }
});

test("two builds of one recipe at once: the second says whom it waits for, and makes nothing twice", async () => {
  await place.write("linux/slow", "20");
  const first = start(["build", "toy", "--no-boot", "--plain"], { cwd: place.folder, env: place.env });
  await first.until(/^\[kernel\] {3}CC part1.o$/m);
  const second = await build();
  const { code, stdout } = await first.done;
  expect([code, second.code]).toEqual([0, 0]);
  const holder = /^\[kernel\] waiting for boardsmith \(pid (\d+), since (\S+)\)$/m.exec(second.stdout);
  expect(Number(holder?.[1])).toBe(first.pid);
  expect(second.stdout).toMatch(/^\[kernel\] reused$/m);
  for (const step of ["kernel", "provision", "image"]) {
    const made = [stdout, second.stdout].filter((text) => text.includes(`[${step}] started\n`));
    expect(made, `${step} was made once`).toHaveLength(1);
  }
});

test.skipIf(!canRunDockerd())("the engine goes away in the middle of a step: which one, and what to do", async () => {
  await place.write("linux/slow", "600");
  await using own = await startOwnDockerd();
  const { socketPath, uri } = own.endpoint;
  execFileSync("sh", ["-c", `docker save ${toolTag(BUILD)} | docker -H unix://${socketPath} load`], {
    stdio: "ignore",
  });
  // The root filesystem stays away, so that its step does not ask for an image that this engine lacks.
  const root = place.server.resources.get("/root.tar.gz");
  if (root) place.server.resources.set("/root.tar.gz", { ...root, first: [{ stallAfter: 1000 }] });
  const running = start(["build", "toy", "--no-boot", "--plain"], {
    cwd: place.folder,
    env: { ...place.env, DOCKER_HOST: uri },
  });
  await running.until(/^\[kernel\] {3}CC part1.o$/m);
  const at = Date.now();
  await own.kill();
  const ran = await running.done;
  expect(Date.now() - at).toBeLessThan(10_000);
  expect(ran.stdout).toMatch(/^toy: engine-lost after /m);
  expect(ran.stderr).toMatch(
    /^error: the container engine at unix:\/\/\S+ went away while running kernel.* \(step kernel was running\)\n {2}start the engine again, then repeat the command: what is already built is kept\n$/,
  );
  expect(ran.code).toBe(3);
  // On another engine the same command goes on from there.
  await place.write("linux/slow", "0");
  const again = await build();
  expect(again).toMatchObject({ code: 0, stderr: "" });
  expect(again.stdout).toContain("[source:u-boot] reused\n");
  expect(existsSync(join(place.folder, "out/toy/toy.img"))).toBe(true);
});
