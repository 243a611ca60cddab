import { execFileSync } from "node:child_process";
import { appendFile, mkdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { boardsmith, type Project, project, type Ran, start } from "../rig/boardsmith.js";
import { leftContainers } from "../rig/left-containers.js";
import { makesMainJob } from "../rig/main-job.js";
import { outcome } from "../rig/outcome.js";
import { terminal } from "../rig/terminal.js";

/*
 * The main job from an empty store, then everything that may only be asked of a finished build. One file, because
 * the kernel is compiled once for all of it.
 */

let place: Project;
let first: Ran;
const run = (...args: string[]) => boardsmith(args, { cwd: place.folder, env: place.env });
const out = (name: string) => join(place.folder, "out", "cubieboard", `cubieboard.${name}`);
const json = async <T>(path: string) => JSON.parse(await readFile(path, "utf8")) as T;

/** Containers of ours: those with something of this project's or its store's mounted. */
const left = (): string[] => leftContainers(place.folder, place.env.BOARDSMITH_STORE ?? place.folder);

beforeAll(async () => {
  place = await project();
  await using main = await makesMainJob(place);
  // The board's recipe with a folder of the user's own laid over the root filesystem.
  await mkdir(join(place.folder, "overlay", "etc"), { recursive: true });
  await writeFile(join(place.folder, "overlay", "etc", "motd"), "one\n");
  await appendFile(
    join(place.folder, "recipes", "cubieboard.yaml"),
    "provision:\n  overlays: [{ from: ../overlay, to: / }]\n",
  );
  first = await run("build", "cubieboard", "--yes", "--plain");
  if (first.code === 0) await main.leave();
  else console.error(first.stdout.slice(-8000), first.stderr);
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

test("killed at random moments, it goes on and gives the same bytes", async () => {
  // Twenty kills over the whole of a small build are in terminal.test.ts; here it is a real card, from the bare root filesystem on.
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
  const KILLS = 8;
  await forget();
  const started = Date.now();
  expect((await run(...build)).code).toBe(0);
  const whole = Date.now() - started;
  const undisturbed = await digests();
  for (let i = 0; i < KILLS; i++) {
    await forget();
    const victim = start(build, { cwd: place.folder, env: place.env });
    // Spread over the whole build, none at a moment chosen by us.
    const timer = setTimeout(() => victim.kill("SIGKILL"), ((i + Math.random()) / KILLS) * whole);
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

const ESCAPE = "\u001b\u001b";

test("menuconfig on the terminal: one symbol switched is one line in a fragment, and a build with it has a new kernel", async () => {
  const menu = terminal(["kernel", "menuconfig", "cubieboard"], { cwd: place.folder, env: place.env });
  await menu.shows(/Linux\/arm .* Kernel Configuration[\s\S]*General setup/, 10 * 60_000);
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
