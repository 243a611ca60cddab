import { readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { boardsmith, HOME, start } from "../rig/boardsmith.js";
import { leftContainers } from "../rig/left-containers.js";
import { terminal } from "../rig/terminal.js";
import { type Toy, toy } from "../rig/toy.js";

/* What a person sees and does at a terminal, and what is left when they leave. */

let place: Toy;
beforeAll(() => boardsmith(["--version"], { cwd: HOME }));
beforeEach(async () => {
  place = await toy();
});
afterEach(() => place[Symbol.asyncDispose]());

const on = (...args: string[]) => terminal(args, { cwd: place.folder, env: place.env });
const build = () => boardsmith(["build", "toy", "--no-boot", "--plain"], { cwd: place.folder, env: place.env });
const store = (...path: string[]) => join(place.folder, "store", ...path);
const CTRL_C = "\u0003";

const left = () => leftContainers(place.folder);

test("a build shows its steps at work, and in the end how long each took; the next one reuses them all", async () => {
  await place.write("linux/slow", "30");
  const first = on("build", "toy", "--no-boot");
  // A running step with its time and its last line; one that is done; one that waits.
  await first.shows(/^. compile the kernel · \d\.\d s\n.* CC part\d+\.o$/m);
  await first.shows(/^. take linux: .*linux · \d\.\d s$/m);
  await first.shows(/^. assemble the card image$/m);
  await first.shows(/^. compile the kernel · [1-9]\.\d s\n.* CC part[12]\d\.o$/m);
  expect(await first.ended).toBe(0);
  const lines = first.screen.lines.filter((line) => line !== "");
  const took = (title: string) => expect.stringMatching(new RegExp(`^✔ ${title} · \\d+\\.\\d s$`));
  expect(lines.slice(0, 12)).toEqual([
    took("take linux: ../linux"),
    took("fetch root: root.tar.gz"),
    took("take u-boot: ../u-boot"),
    took("compile the kernel"),
    took("compile U-Boot"),
    took("take the root filesystem from root"),
    took("provision the root filesystem"),
    took("boot files and memory map"),
    took("assemble the card image"),
    took("check the root filesystem"),
    took("list packages and licences"),
    took("checksum the card image"),
  ]);
  expect(lines.slice(12)).toEqual([
    "toy for Cubieboard (A10, 1 GiB)",
    expect.stringMatching(/^ {2}image {5}out\/toy\/toy.img {2}\(96 MiB, .* on disk\)$/),
    "  bmap      out/toy/toy.img.bmap",
    "  manifest  out/toy/toy.manifest.json",
    "  sbom      out/toy/toy.cdx.json",
    "  unproven  out/toy/toy.UNPROVEN  (The image was not booted.)",
  ]);
  // The cursor is back.
  expect(first.written.lastIndexOf("\u001b[?25h")).toBeGreaterThan(first.written.lastIndexOf("\u001b[?25l"));

  const second = on("build", "toy", "--no-boot");
  expect(await second.ended).toBe(0);
  expect(second.screen.lines.filter((line) => / · reused$/.test(line))).toHaveLength(12);
});

test("Ctrl-C at the terminal stops within three seconds, says so, leaves nothing, and the next build goes on", async () => {
  await place.write("linux/slow", "600");
  const running = on("build", "toy", "--no-boot");
  await running.shows(/CC part3\.o/);
  expect(left()).toHaveLength(1);
  const at = Date.now();
  running.type(CTRL_C);
  expect(await running.ended).toBe(130);
  expect(Date.now() - at).toBeLessThan(3000);
  expect(running.screen.text).toMatch(/^. compile the kernel · cancelled$/m);
  expect(running.screen.text).toMatch(/^. assemble the card image · not reached$/m);
  expect(running.screen.text).toMatch(
    /^boardsmith: stopped; nothing is left running\. The same command goes on from here\.$/m,
  );
  expect(running.written.lastIndexOf("\u001b[?25h")).toBeGreaterThan(running.written.lastIndexOf("\u001b[?25l"));
  expect(left()).toEqual([]);
  expect(readdirSync(store("tmp"))).toEqual([]);
  await rm(join(place.folder, "linux/slow"));
  const next = await build();
  expect(next.code, next.stderr).toBe(0);
  expect(next.stdout).toContain("[source:root] reused\n");
});

test("a failed step is told in full beneath the list", async () => {
  await place.edit("recipes/toy.yaml", (text) => text.replace("my_defconfig", "your_defconfig"));
  const ran = on("build", "toy", "--no-boot");
  expect(await ran.ended).toBe(1);
  const text = ran.screen.text;
  expect(text).toMatch(/^✖ compile the kernel · failed$/m);
  expect(text).toMatch(/^step kernel failed: its script ended with exit code 1$/m);
  expect(text).toMatch(/^ {2}\| error: this source has no your_defconfig$/m);
  expect(text).toMatch(/^ {2}a shell there: boardsmith shell toy kernel$/m);
});

test("shell: the step's container with its inputs, a prompt of the terminal's size, its exit code; nothing is kept", async () => {
  expect((await build()).code).toBe(0);
  const shell = on("shell", "toy", "kernel");
  await shell.shows(/root@boardsmith:\/work#$/m);
  expect(shell.screen.text).toMatch(
    /^step kernel of toy in the build image; "exit" leaves, and nothing is kept but caches$/m,
  );
  expect(shell.screen.text).toMatch(/^ {2}run {6}sh -eu \/step\.sh$/m);
  shell.type("stty size; ls /in; echo $((6*7)) >/out/kernel; cat /out/kernel; head -c 20 /step.sh\r");
  await shell.shows(/^40 100$/m);
  await shell.shows(/^42$[\s\S]*\/work#$/m);
  expect(shell.screen.text).toMatch(/^asks .*fragments .*source$/m);
  expect(left()).toHaveLength(1);
  // Ctrl-C there is the shell's own.
  shell.type("echo sleeping; sleep 1000\r");
  await shell.shows(/^sleeping$/m);
  shell.type(CTRL_C);
  await shell.shows(/\^C\n\S+#$/m);
  shell.type("exit 7\r");
  expect(await shell.ended).toBe(7);
  expect(left()).toEqual([]);
  expect(readdirSync(store("tmp"))).toEqual([]);
  const again = await build();
  expect(again.stdout).toContain("[kernel] reused\n");
});

test("shell: what it needs and does not have is told", async () => {
  const without = await boardsmith(["shell", "toy", "kernel"], { cwd: place.folder, env: place.env });
  expect(without).toEqual({
    code: 2,
    stdout: "",
    stderr:
      "error: a shell needs a terminal, and this is none [no-terminal]\n  help: run it from an interactive shell\n\n1 error\n",
  });
  const unbuilt = on("shell", "toy", "kernel");
  expect(await unbuilt.ended).toBe(2);
  expect(unbuilt.screen.text).toBe(
    [
      "error: step kernel takes what source:linux makes, which is not built yet [not-built]",
      '  help: run "boardsmith build toy" first, as far as it goes',
      "",
      "1 error",
    ].join("\n"),
  );
});

test("killed at twenty moments of a whole build, the next one goes on and gives the same bytes each time", async () => {
  // Everything is made anew each time, fetched and compiled things too: a place of its own for each would be no other.
  const forget = async () => {
    for (const path of ["results", "objects", "cache"]) await rm(store(path), { recursive: true, force: true });
  };
  await place.write("linux/slow", "5");
  await place.write("u-boot/slow", "5");
  expect((await build()).code).toBe(0);
  await forget();
  const began = Date.now();
  expect((await build()).code).toBe(0);
  const whole = Date.now() - began;
  const undisturbed = await place.digests();
  let ended = 0;
  for (let i = 0; i < 20; i++) {
    await forget();
    const victim = start(["build", "toy", "--no-boot", "--plain"], { cwd: place.folder, env: place.env });
    // Spread over the whole build, none at a moment chosen by us.
    const timer = setTimeout(() => victim.kill("SIGKILL"), ((i + Math.random()) / 20) * whole);
    if ((await victim.done).code !== null) ended++;
    clearTimeout(timer);
    const next = await build();
    expect(next.code, next.stdout + next.stderr).toBe(0);
    expect(await place.digests()).toEqual(undisturbed);
    expect(left()).toEqual([]);
    expect(readdirSync(store("tmp"))).toEqual([]);
    expect(readdirSync(store("locks"))).toEqual([]);
    expect(readdirSync(store("cache", "http"))).toEqual([]);
  }
  // Most were hit while they worked.
  expect(ended).toBeLessThan(10);
  const verified = await boardsmith(["store", "verify"], { cwd: place.folder, env: place.env });
  expect(verified.code, verified.stdout).toBe(0);
});
