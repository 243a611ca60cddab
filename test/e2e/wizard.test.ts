import { existsSync, statSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { boardsmith, HOME } from "../rig/boardsmith.js";
import { tempFolder } from "../rig/temp-folder.js";
import { type Terminal, terminal } from "../rig/terminal.js";
import { KEY } from "../rig/wizard-world.js";

/* The wizard as somebody sees it who sits in front of it, at the size of an old terminal. */

const CTRL_C = "\u0003";
const ESC = "\u001b";
const DOWN = "\u001b[B";
const ENTER = "\r";

/** How long anybody would look at a question that does not come, ms. */
const PATIENCE = 30_000;

let folder: string;
let env: { readonly [name: string]: string };

beforeAll(() => boardsmith(["--version"], { cwd: HOME }));
beforeEach(async () => {
  folder = await tempFolder();
  await mkdir(join(folder, "home/.ssh"), { recursive: true });
  await writeFile(join(folder, "home/.ssh/id_ed25519.pub"), `${KEY}\n`);
  env = { BOARDSMITH_STORE: join(folder, "store"), HOME: join(folder, "home"), TZ: "Europe/Berlin" };
});

const on = (...args: string[]) => terminal(args, { cwd: folder, env, rows: 24, columns: 80 });
/** A terminal that moves no cursor. Its lines are read aloud, so that their length is nothing. */
const onLines = (...args: string[]) =>
  terminal(args, { cwd: folder, env: { ...env, TERM: "dumb" }, rows: 80, columns: 400 });
const run = (...args: string[]) => boardsmith(args, { cwd: folder, env });
const recipe = (name: string) => readFile(join(folder, "recipes", `${name}.yaml`), "utf8");
const draft = () => join(folder, "store/state/wizard/draft.yaml");

/** Sees each question, and then types. A row is chosen by typing its first letters, as select takes them. */
async function through(at: Terminal, steps: readonly (readonly [RegExp, string])[]): Promise<void> {
  for (const [question, keys] of steps) {
    await at.shows(question, PATIENCE);
    at.type(keys);
  }
}

/** From here the recipes extend boardsmith's own by this path. */
function withHome(text: string): string {
  return text.replaceAll(/(\.\.\/)+[^\s\]]*?\/(recipes|schemas)\//g, "$2/");
}

test("from the first question to a recipe: searched, refused, gone back, corrected, saved", async () => {
  const at = on();
  await at.shows(/\? Which board is it for\?/);
  at.type("a10 1 gib cubie");
  await at.shows(
    /❯ cubieboard: Cubieboard \(A10, 1 GiB\)\n\nA10 \(sun4i\), one cortex-a8, 1 GiB; boots in the emulator to a login\n.*Debian/,
  );
  at.type(ENTER);
  await at.shows(/\? What is it for\?/);
  // Grey, in the words of the rule.
  expect(at.screen.text).toContain(`
- Xen host with guests
    Xen runs in HYP mode, and cubieboard's cortex-a8 (A10) has no
    virtualization extensions: it would start and print nothing (take a board
    with a Cortex-A7 or A15; \`boardsmith boards\` says which have
    virtualization)
  busybox rescue system
`);
  at.type(`${DOWN}${DOWN}${ENTER}`);
  await at.shows(/This option is disabled and cannot be selected/);
  at.type(`${DOWN}${DOWN}${ENTER}`);
  // The last row is the way back, and so is Esc.
  await at.shows(/\? Which board is it for\?.*\n(.*\n)*❯ cubieboard:/);
  at.type(ENTER);
  await through(at, [
    [/\? What is it for\?/, `${DOWN}${ENTER}`],
    [/\? Which further packages\?/, ESC],
    [/❯ Debian trixie/, ENTER],
    [/\? Which further packages\?$/, `tmux${ENTER}`],
    [/remove one; Enter goes on:$/, `bad name${ENTER}`],
    [/expected the name of a package/, `\u0015${ENTER}`],
    [/\? Which kernel\?/, ENTER],
    [/\? How large is the card\?/, ENTER],
    [/\? How is the card laid out\?/, `${DOWN}${ENTER}`],
    [/d data 820 MiB of 2 GiB\n\? Which logical volumes\? Enter keeps these:$/, `swap 256MiB${ENTER}`],
    [/s swap 256 MiB,\n +d data 692 MiB of 2 GiB\n.*Enter goes on:$/, ENTER],
    [/\? What is the board's host name\?/, `Kiosk${ENTER}`],
    [/> expected a host name of lower-case letters, digits and dashes/, `\u0015kiosk${ENTER}`],
    [/\? Who logs in\?/, ENTER],
    [/\? What is the user's name\?/, `ada${ENTER}`],
    [/\? What is the user's password\?/, `one${ENTER}`],
    [/\? The same again:/, `two${ENTER}`],
    [/These were two different ones\.\n\? What is the user's password\?/, `secret${ENTER}`],
    [/✔ What is the user.s password\? \*{6}\n\? The same again:/, `secret${ENTER}`],
    [/◉ id_ed25519\.pub \(ada@desk\)/, ENTER],
    [/\? Which time zone\?\n❯ Europe\/Berlin/, `${DOWN}${ENTER}`],
    [/\? Which language\?/, ENTER],
    [/\? Which compressed copies/, ENTER],
    [/\? What is the recipe called\?/, `kiosk${ENTER}`],
    [/\? What now with recipes\/kiosk\.yaml\?\n❯ save it\n/, ENTER],
    [/^build it: boardsmith build kiosk$/m, ""],
  ]);
  expect(await at.ended).toBe(0);
  expect(at.written).not.toContain("secret");
  expect(at.written).not.toMatch(/\$6\$rounds/);
  // NO_COLOR: the cursor moves, and nothing is coloured.
  expect(at.written).not.toMatch(/\u001b\[[0-9;]*m/);
  const text = await recipe("kiosk");
  expect(
    withHome(text).replace(/\$6\$rounds=\d+\$[^"]{100,}/, "HASH"),
  ).toBe(`# yaml-language-server: $schema=schemas/recipe.schema.json
description: Debian trixie on a Cubieboard, slim kernel from source, root on LVM
extends: recipes/cubieboard-lvm.yaml
board: cubieboard
# A list replaces the one it extends, so this is all of it.
rootfs:
  packages:
    - systemd-sysv
    - systemd-resolved
    - systemd-timesyncd
    - udev
    - kmod
    - login
    - dbus
    - iproute2
    - lvm2
    - e2fsprogs
    - fdisk
    - openssh-server
    - sudo
    - tmux
# A password is here as its hash; \`openssl passwd -6\` makes another.
provision:
  hostname: kiosk
  users:
    - name: ada
      groups: [sudo]
      password-hash: "HASH"
      ssh-keys:
        - ${KEY}
image:
  partitions:
    - { name: boot, content: boot, filesystem: fat32, size: 64MiB }
    - { name: provision, content: provision, size: 8MiB }
    - name: pv
      content: lvm
      size: rest
      group: system
      volumes:
        - { name: root, content: root, size: 1GiB }
        - { name: swap, content: swap, size: 256MiB }
        - { name: data, content: empty, size: rest, mount: /srv }
`);
  expect((await run("check", "kiosk")).code).toBe(0);
  expect(existsSync(draft())).toBe(false);
});

test("Ctrl-C loses nothing: the draft is offered, for its owner's eyes, and goes on where it was", async () => {
  const left = on("wizard");
  await through(left, [
    [/\? Which board is it for\?/, "cubietruck"],
    [/is it for\? cubietruck\n❯ cubietruck/, ENTER],
    [/\? What is it for\?/, `${DOWN}${DOWN}${ENTER}`],
    [/\? Which further packages\?$/, CTRL_C],
  ]);
  expect(await left.ended).toBe(130);
  expect(left.screen.text).toMatch(/left; the next `boardsmith wizard` offers what was answered\.$/);
  expect(await readFile(draft(), "utf8")).toBe("board: cubietruck\npurpose: xen\n");
  expect(statSync(draft()).mode & 0o777).toBe(0o600);
  const next = on("wizard");
  await through(next, [
    [/\? There is a draft \(cubietruck, xen …\)\. Go on with it\?/, ENTER],
    [/\? Which further packages\?$/, ENTER],
    [/\? Which kernel\?/, CTRL_C],
  ]);
  expect(await next.ended).toBe(130);
  const fresh = on("wizard");
  await through(fresh, [
    [/Go on with it\?/, `${DOWN}${DOWN}${ENTER}`],
    [/\? Which board is it for\?/, CTRL_C],
  ]);
  expect(await fresh.ended).toBe(130);
  expect(existsSync(draft())).toBe(false);
});

test("a window that becomes small while a question stands in it is drawn into again", async () => {
  const at = on("wizard");
  await through(at, [
    [/\? Which board is it for\?/, "cubieboard2"],
    [/is it for\? cubieboard2\n❯ cubieboard2/, ENTER],
    [/\? What is it for\?/, ""],
  ]);
  at.resize(14, 50);
  at.type(DOWN);
  await at.shows(/❯ Debian trixie/);
  expect(at.screen.text).toMatch(
    /\? What is it for\?\n {2}openSUSE Tumbleweed\n❯ Debian trixie\n {2}Xen host with guests\n/,
  );
  at.type(ENTER);
  await at.shows(/\? Which further packages\?$/);
  at.type(CTRL_C);
  expect(await at.ended).toBe(130);
});

test("line by line for screen readers: numbers, reasons, one way down and no escape sequence", async () => {
  const at = onLines("wizard");
  await through(at, [
    [/^Which board is it for\?\n1\. bananapi-m2-ultra: (.*\n)+Number:$/m, `mk802${ENTER}`],
    [/^3\. Xen host with guests\. Not possible: Xen runs in HYP mode/m, `3${ENTER}`],
    [/That will not do: Xen runs in HYP mode(.*\n)+Number, < to go back:$/, `<${ENTER}`],
    [/Number \[6\]:$/, ENTER],
    [/What is it for\?\n(.*\n)+Number, < to go back:$/, `9${ENTER}`],
    [/That will not do: say one of the numbers\n/, `4${ENTER}`],
    [/Which kernel\?(.*\n)+Number, < to go back \[1\]:$/, ENTER],
    [/How large is the card\?(.*\n)+Number, or a size such as 7GiB, < to go back \[1\]:$/, `300MiB${ENTER}`],
    [/How is the card laid out\?(.*\n)+.*\[1\]:$/, ENTER],
    [/host name\?\nAnswer, < to go back \[mk802\]:$/, ENTER],
    [/Who logs in\?(.*\n)+.*\[1\]:$/, `2${ENTER}`],
    [/compressed copies(.*\n)+.*0 for none, < to go back \[none\]:$/, `1 2${ENTER}`],
    [/recipe called(.*\n)+.*\[my-mk802-busybox\]:$/, ENTER],
    [/What now with recipes\/my-mk802-busybox\.yaml\?(.*\n)+Number, < to go back:$/, `1${ENTER}`],
  ]);
  expect(await at.ended).toBe(0);
  expect(at.written).not.toContain("\u001b");
  expect(withHome(await recipe("my-mk802-busybox"))).toBe(`# yaml-language-server: $schema=schemas/recipe.schema.json
description: Busybox on an MK802, slim kernel from source
extends: recipes/cubieboard-busybox.yaml
board: mk802
image: { size: 300MiB, compress: [xz, zst] }
`);
});

const ANSWERS = `board: cubieboard
purpose: busybox
login: console
name: rescue
`;

test("a file of answers makes the same recipe without a terminal; another round shows what would change", async () => {
  await writeFile(join(folder, "answers.yaml"), ANSWERS);
  const printed = await run("wizard", "--answers", "answers.yaml", "--print");
  expect({ ...printed, stdout: withHome(printed.stdout) }).toEqual({
    code: 0,
    stdout: `# yaml-language-server: $schema=schemas/recipe.schema.json
description: Busybox on a Cubieboard, slim kernel from source
extends: recipes/cubieboard-busybox.yaml
board: cubieboard
`,
    stderr: "",
  });
  expect(existsSync(join(folder, "recipes"))).toBe(false);
  expect((await run("wizard", "--answers", "answers.yaml")).stdout).toBe("wrote recipes/rescue.yaml\n");
  expect(await recipe("rescue")).toBe(printed.stdout);
  const at = onLines("wizard");
  await through(at, [
    [/Which board(.*\n)+Number:$/, `cubieboard${ENTER}`],
    [/What is it for\?(.*\n)+Number, < to go back:$/, `busybox${ENTER}`],
    [/Which kernel\?(.*\n)+Number.*:$/, `full${ENTER}`],
    [/How large(.*\n)+Number.*:$/, ENTER],
    [/laid out\?(.*\n)+Number.*:$/, ENTER],
    [/host name\?\n.*:$/, ENTER],
    [/Who logs in\?(.*\n)+Number.*:$/, `console${ENTER}`],
    [/compressed(.*\n)+Numbers.*:$/, ENTER],
    [/called\?(.*\n)+Answer.*:$/, `rescue${ENTER}`],
    [/recipes\/rescue\.yaml is there already, and would change:\n(.*\n)+Number.*:$/, `1${ENTER}`],
  ]);
  expect(await at.ended).toBe(0);
  expect(withHome(at.written).replaceAll("\r", "")).toContain(
    `and would change:
    # yaml-language-server: $schema=schemas/recipe.schema.json
  - description: Busybox on a Cubieboard, slim kernel from source
  - extends: recipes/cubieboard-busybox.yaml
  + description: Busybox on a Cubieboard, kernel with the whole sunxi_defconfig
  + extends: recipes/base/busybox.yaml
    board: cubieboard
  + kernel: { source: linux, defconfig: sunxi_defconfig }
`.replace("kernel: { source: linux, defconfig", "kernel: { defconfig"),
  );
  // What the file says stands as presets.
  const again = onLines("wizard", "rescue");
  await through(again, [
    [/Which board(.*\n)+Number \[2\]:$/, ENTER],
    [/What is it for\?(.*\n)+Number, < to go back \[4\]:$/, ENTER],
    [/Which kernel\?(.*\n)+Number.* \[2\]:$/, CTRL_C],
  ]);
  expect(await again.ended).toBe(130);
});

test("what somebody can mend is told whole", async () => {
  const refused = async (answers: string, ...more: string[]) => {
    await writeFile(join(folder, "answers.yaml"), answers);
    const { code, stderr } = await run("wizard", "--answers", "answers.yaml", ...more);
    expect(code).toBe(2);
    return stderr;
  };
  expect(await run("wizard")).toEqual({
    code: 2,
    stdout: "",
    stderr: `error: the wizard asks on a terminal, and there is none [no-terminal]
  help: give a file of answers: boardsmith wizard --answers FILE

1 error
`,
  });
  await mkdir(join(folder, "recipes"));
  await writeFile(join(folder, "recipes/rescue.yaml"), "mine\n");
  expect(await refused(ANSWERS)).toBe(`error: recipes/rescue.yaml is there already [file-exists]
  help: give another name, or say --replace

1 error
`);
  expect(await recipe("rescue")).toBe("mine\n");
  await writeFile(join(folder, "answers.yaml"), ANSWERS);
  expect((await run("wizard", "--answers", "answers.yaml", "--replace")).code).toBe(0);
  // A file in the folder's place: for root, no folder is unwritable.
  await rm(join(folder, "recipes"), { recursive: true });
  await writeFile(join(folder, "recipes"), "");
  expect(await refused(ANSWERS)).toMatch(
    /^error: recipes\/rescue\.yaml cannot be written: .*\n {2}help: run it in a folder of yours\n/,
  );
  await rm(join(folder, "recipes"));
  const foreign = await run("wizard", "--answers", "nowhere.yaml");
  expect(foreign.stderr).toMatch(/^error: no answers are at "nowhere\.yaml" \[no-such-file\]/);
});
