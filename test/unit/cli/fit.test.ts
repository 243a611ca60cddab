import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import type { Cli } from "../../../src/cli/command.js";
import { dispatch } from "../../../src/cli/dispatch.js";
import { explainError } from "../../../src/cli/errors.js";
import { bootMap } from "../../../src/disk/boot-map.js";
import { HOME } from "../../rig/boardsmith.js";
import { CARD_BOARD } from "../../rig/card.js";
import { tempFolder } from "../../rig/temp-folder.js";

/** Runs boardsmith in a folder where no engine is; gives its exit code and what it said, the folder left out. */
async function run(cwd: string, ...argv: string[]): Promise<{ code: number; said: string }> {
  const said = new PassThrough();
  const { signal } = new AbortController();
  const env = { DOCKER_HOST: "unix:///nonexistent.sock", HOME: cwd };
  const cli: Cli = { cwd, env, stdout: said, stderr: said, stdin: process.stdin, signal, home: HOME };
  const code = await dispatch(cli, argv).catch((error: unknown) => explainError(cli, error));
  said.end();
  return { code, said: (await text(said)).replaceAll(`${cwd}/`, "") };
}

async function recipe(...lines: string[]): Promise<string> {
  const cwd = await tempFolder();
  await mkdir(join(cwd, "recipes"));
  await writeFile(join(cwd, "recipes/mine.yaml"), `description: mine\n${lines.join("\n")}\n`);
  return cwd;
}

/** An argument of so many characters. */
const long = (size: number): string => `x=${"y".repeat(size - 2)}`;
const lvm = `extends: ${join(HOME, "recipes/cubieboard-lvm.yaml")}`;

test("a command line as long as the kernel takes is fine; one more character is not", async () => {
  // What boardsmith itself says for this recipe, up to the space before the first argument of one's own.
  const probe = await run(await recipe(lvm, `boot: { arguments: [${long(1000)}] }`), "check", "mine");
  const own = Number(/has (\d+) characters/.exec(probe.said)?.[1]) - 1000;
  const fits = await run(await recipe(lvm, `boot: { arguments: [${long(1023 - own)}] }`), "check", "mine");
  expect(fits).toEqual({ code: 0, said: "recipes/mine.yaml: ok\n" });
  const over = await run(await recipe(lvm, `boot: { arguments: [quiet, ${long(1023 - own - 5)}] }`), "check", "mine");
  expect(over.code).toBe(2);
  expect(
    over.said
      .replace(/y{20,}/g, "yyy…")
      .replace(/\^{20,}/g, "^^^…")
      .replace(/, \d+ of/, ", N of"),
  ).toMatchInlineSnapshot(`
    "recipes/mine.yaml:3:21: error: the kernel's command line has 1024 characters, N of them from boot.arguments, and the kernel takes 1023: what is behind them is lost [command-line-too-long]
      3 | boot: { arguments: [quiet, x=yyy…
        |                     ^^^^^
      help: shorten the names of volume group and root volume, which it carries, let an initramfs find the root volume (\`boot: { initramfs: minimal }\`), or leave arguments out: the line is too long by 1

    1 error
    "
  `);
});

test("where an initramfs finds the root volume, or a partition holds it, only arguments can be left out", async () => {
  const minimal = await run(
    await recipe(lvm, `boot: { initramfs: minimal, arguments: [${long(1000)}] }`),
    "check",
    "mine",
  );
  expect(minimal.code).toBe(2);
  expect(minimal.said).toContain("  help: leave arguments out: ");
});

test("planning a recipe refuses it as well, and so does building", async () => {
  const cwd = await recipe(lvm, `boot: { arguments: [${long(1000)}] }`);
  for (const command of ["plan", "build"]) {
    const { code, said } = await run(cwd, command, "mine");
    expect([code, said.match(/\[[a-z-]+\]$/m)?.[0]]).toEqual([2, "[command-line-too-long]"]);
  }
});

test("the recipe for 512 MB goes on a board of 1 GB by naming it, without a word", async () => {
  const base = (name: string) => `extends: ${join(HOME, "recipes", `${name}.yaml`)}`;
  const larger = await recipe(base("mk802-opensuse"), "board: mk802-1gb");
  expect(await run(larger, "check", "mine")).toEqual({ code: 0, said: "recipes/mine.yaml: ok\n" });
  const smaller = await recipe(base("mk802-1gb-opensuse"), "board: mk802");
  expect(await run(smaller, "check", "mine")).toEqual({ code: 0, said: "recipes/mine.yaml: ok\n" });
});

test("a recipe made for 512 MB is doubted on 1 GB, but not refused", async () => {
  const cwd = await recipe(
    `extends: ${join(HOME, "recipes/mk802-opensuse.yaml")}`,
    "memory: 512MiB",
    "board: mk802-1gb",
  );
  const { code, said } = await run(cwd, "check", "mine");
  expect(code).toBe(0);
  expect(said).toMatchInlineSnapshot(`
    "recipes/mine.yaml: ok
    recipes/mine.yaml:3:9: warning: the recipe is made for 512 MiB of DRAM, and board mk802-1gb has 1 GiB [dram-unused]
      3 | memory: 512MiB
        |         ^^^^^^
      help: the SPL of mk802_defconfig finds the size itself, so the kernel gets 1 GiB; say \`memory: 1GiB\` when the recipe means that, or leave \`memory\` out
      recipes/mine.yaml:4:8: mk802-1gb, with 1 GiB, is named here
      4 | board: mk802-1gb
        |        ^^^^^^^^^

    1 warning
    "
  `);
});

/** An image file with the boot map of a card for a board with so much DRAM. */
async function image(size: number, kernelAt = CARD_BOARD.load.kernel): Promise<string> {
  const cwd = await tempFolder();
  const load = { ...CARD_BOARD.load, kernel: kernelAt };
  const board = { ...CARD_BOARD, load, dram: { base: CARD_BOARD.dram.base, size }, reserved: [] };
  const file = (name: string, bytes: number) => ({ file: name, size: bytes });
  const map = bootMap(board, { kernel: file("zImage", 6e6), fdt: file("a.dtb", 3e4), script: file("boot.scr", 500) });
  await writeFile(join(cwd, "card.img"), "");
  await writeFile(join(cwd, "card.boot-map.json"), JSON.stringify(map));
  return cwd;
}
const GiB = 1024 ** 3;

test("an image that was made for another size of DRAM is told before it boots, and refused when it loads beyond", async () => {
  const boot = async (cwd: string, board: string) => run(cwd, "boot", "card.img", "--board", board);
  expect((await boot(await image(GiB), "mk802")).said).toMatchInlineSnapshot(`
    "warning: card.img was made for 1 GiB of DRAM, and board mk802 has 512 MiB [dram-exceeded]
      help: an SPL that finds the size itself starts it with what is there; one that was told another size does not

    1 warning
    error: card.img has no layout file beside it, so its root file system cannot be found [no-layout]
      help: keep card.layout.json beside the image, or boot it with --interactive

    1 error
    "
  `);
  expect((await boot(await image(GiB / 2), "mk802-1gb")).said).toMatchInlineSnapshot(`
    "warning: card.img was made for 512 MiB of DRAM, and board mk802-1gb has 1 GiB [dram-unused]
      help: an SPL that finds the size itself starts it with what is there; one that was told another size does not

    1 warning
    error: card.img has no layout file beside it, so its root file system cannot be found [no-layout]
      help: keep card.layout.json beside the image, or boot it with --interactive

    1 error
    "
  `);
  expect((await boot(await image(GiB, 0x7000_0000), "mk802")).said).toMatchInlineSnapshot(`
    "warning: card.img was made for 1 GiB of DRAM, and board mk802 has 512 MiB [dram-exceeded]
      help: an SPL that finds the size itself starts it with what is there; one that was told another size does not

    error: the kernel (zImage), 5.7 MiB at 0x70000000 to 0x705b8d80, is outside the board's DRAM (0x40000000 to 0x60000000, 512 MiB) [boot-out-of-ram]
      help: make the kernel smaller (drivers as modules, CONFIG_KERNEL_XZ)

    error: the kernel (zImage) while it decompresses, 5.8 MiB at 0x70000000 to 0x705c9d80, is outside the board's DRAM (0x40000000 to 0x60000000, 512 MiB) [boot-out-of-ram]
      help: make the kernel smaller (drivers as modules, CONFIG_KERNEL_XZ)

    2 errors, 1 warning
    "
  `);
  expect((await boot(await image(GiB / 2), "mk802")).said).not.toContain("dram");
});
