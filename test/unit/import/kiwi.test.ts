import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll, describe, expect, test } from "vitest";
import type { Cli } from "../../../src/cli/command.js";
import { dispatch } from "../../../src/cli/dispatch.js";
import { explainError } from "../../../src/cli/errors.js";
import { nodeFiles } from "../../../src/cli/node-files.js";
import { guessBoard } from "../../../src/import/board.js";
import { loadRecipe } from "../../../src/recipe/load.js";
import type { PartitionSpec, Spec } from "../../../src/recipe/spec.js";

const home = join(import.meta.dirname, "../../..");
const cwd = mkdtempSync(join(tmpdir(), "boardsmith-import-"));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const cli: Cli = {
    cwd,
    env: {},
    stdout,
    stderr,
    stdin: process.stdin,
    signal: new AbortController().signal,
    home,
  };
  const code = await dispatch(cli, argv).catch((error: unknown) => explainError(cli, error));
  stdout.end();
  stderr.end();
  return { code, out: await text(stdout), err: await text(stderr) };
}

function put(path: string, content: string): void {
  const file = join(cwd, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

const HASH = "$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/";
put(
  "kiosk/config.xml",
  `<?xml version="1.0" encoding="utf-8"?>
<image schemaversion="7.5" name="Kiosk for Cubieboard">
  <description type="system"><author>a</author><contact>c</contact>
    <specification>A kiosk
      in the hall</specification>
  </description>
  <profiles>
    <profile name="plain" description="Cubieboard, one partition"/>
    <profile name="lvm" description="Cubieboard2, volumes"/>
  </profiles>
  <preferences>
    <version>1.0.0</version>
    <packagemanager>zypper</packagemanager>
    <locale>de_DE,en_US</locale>
    <keytable>de</keytable>
    <timezone>Europe/Berlin</timezone>
    <bootsplash-theme>green</bootsplash-theme>
  </preferences>
  <preferences profiles="plain">
    <type image="oem" filesystem="xfs" firmware="custom" kernelcmdline="console=ttyS0,115200n8 root=/dev/sda1 quiet" squashfscompression="zstd">
      <bootloader name="custom"/>
      <oemconfig><oem-resize>false</oem-resize><oem-swap>true</oem-swap><oem-unattended>true</oem-unattended></oemconfig>
      <size unit="G">3</size>
    </type>
  </preferences>
  <preferences profiles="lvm">
    <type image="oem" filesystem="ext4" bootpartsize="100">
      <oemconfig><oem-swap>true</oem-swap><oem-swapsize>256</oem-swapsize></oemconfig>
      <size unit="M" additive="true">2048</size>
      <systemdisk name="kiosk" preferlvm="true">
        <volume name="@root" size="1G"/><volume name="usr" freespace="50M"/>
        <volume name="data" mountpoint="srv/data" size="all"/><volume name="home" freespace="200"/>
      </systemdisk>
    </type>
  </preferences>
  <users>
    <user name="root" password="linux" pwdformat="plain" groups="root"/>
    <user name="ada" password="${HASH}" groups="ada,wheel" realname="Ada" id="1001" shell="/bin/zsh"/>
    <user name="old" password="$1$wYJUgpM5$RXMMeASDc035eX.NbYWFl0"/>
    <user name="Dot.Ted" password="*"/>
  </users>
  <repository type="rpm-md" alias="Main One" priority="90"><source path="http://download.opensuse.org/ports/armv7hl/tumbleweed/repo/oss"/></repository>
  <repository type="rpm-md"><source path="obs://home:ada/standard"/></repository>
  <repository type="rpm-md"><source path="http://packages.example.org/ours"/></repository>
  <repository type="rpm-md"><source path="dir:///srv/local"/></repository>
  <repository type="rpm-md" imageonly="true"><source path="http://packages.example.org/later"/></repository>
  <packages type="image">
    <namedCollection name="minimal_base"/>
    <package name="systemd"/><package name="group(mail)"/><package name="grub2" arch="armv7hl"/>
    <product name="openSUSE"/><archive name="files.tgz"/><ignore name="perl"/>
  </packages>
  <packages type="image" profiles="lvm"><package name="kernel-default"/><package name="dracut"/></packages>
  <packages type="bootstrap"><package name="filesystem"/></packages>
  <packages type="delete"><package name="gpg2"/></packages>
</image>
`,
);
put("kiosk/config.sh", "#!/bin/bash\n");
put("kiosk/root/etc/motd", "hello\n");

/** Of a partition what KIWI knows as well; in a volume group the order is its own. */
function shape(partition: PartitionSpec) {
  if (partition.content !== "lvm") return [partition.content, partition.filesystem, partition.size];
  const volumes = partition.volumes.map(({ name, content, size, mount }) => [name, content, size, mount]);
  return [partition.group, volumes.sort()];
}

describe("a KIWI description becomes a recipe that passes its check", () => {
  test.each(["plain", "lvm"])("%s", async (profile) => {
    const file = `recipes/${profile}.yaml`;
    const { code, out, err } = await run("import", "kiwi", "kiosk", "--profile", profile, "-o", file);
    await expect(`${out}${err}\n== ${file}\n${readFileSync(join(cwd, file), "utf8")}`).toMatchFileSnapshot(
      `${profile}.txt`,
    );
    expect(code).toBe(0);
    expect((await run("check", file)).code).toBe(0);
  });

  test.each(readdirSync(join(home, "kiwi")).filter((name) => name !== "preflight.sh"))(
    "%s, which was made of a recipe, comes back as it was",
    async (name) => {
      const board = name.replace(/-opensuse.*/, "");
      const profile = name.endsWith("-lvm") ? `${board}-lvm` : board;
      const file = `recipes/${name}.yaml`;
      const { code, err } = await run("import", "kiwi", join(home, "kiwi", name), "--profile", profile, "-o", file);
      expect([code, err]).toEqual([0, ""]);
      const homes = { cwd, home };
      const { spec: back } = await loadRecipe(join(cwd, file), nodeFiles(), homes);
      const { spec: own } = await loadRecipe(join(home, "recipes", `${name}.yaml`), nodeFiles(), homes);
      // The kernel is KIWI's own, what it brings is not asked for here.
      const names = (spec: Spec | undefined) => {
        if (spec?.rootfs.kind !== "rpm") throw new Error("no rpm packages");
        return spec.rootfs.packages.filter((one) => !/^(kernel-default|dtb-.*|glibc|filesystem)$/.test(one));
      };
      expect(names(back).sort()).toEqual(names(own).sort());
      expect(back?.board.name).toBe(own?.board.name);
      expect(back?.image.partitions.map(shape)).toEqual(own?.image.partitions.map(shape));
    },
  );

  test("that is not written over", async () => {
    put("recipes/there.yaml", "mine\n");
    const { code, err } = await run("import", "kiwi", "kiosk", "--profile", "plain", "-o", "recipes/there.yaml");
    expect([code, err]).toEqual([
      2,
      "error: recipes/there.yaml is there already [file-exists]\n  help: name another file with --output\n\n1 error\n",
    ]);
    expect(readFileSync(join(cwd, "recipes/there.yaml"), "utf8")).toBe("mine\n");
  });
});

describe("what cannot be imported is told whole", () => {
  const BARE = '<image schemaversion="7.5" name="bare">';
  const PROFILES =
    '<profiles><profile name="one" description="first"/><profile name="two" description="second"/></profiles>';
  test.each([
    ["nothing", undefined, []],
    ["broken", `${BARE}\n  <packages type="image">\n  </package>\n</image>\n`, []],
    ["stranger", "<project/>\n", []],
    ["old", '<image schemaversion="4.1" name="old"/>\n', []],
    [
      "debs",
      `${BARE}\n<preferences><packagemanager>apt</packagemanager><type image="oem"/></preferences></image>\n`,
      ["--board", "mk802"],
    ],
    ["profile", `${BARE}${PROFILES}</image>\n`, ["--profile", "tow"]],
    ["unchosen", `${BARE}${PROFILES}</image>\n`, ["--board", "mk802"]],
    ["boardless", `${BARE}<preferences><type image="oem"/></preferences></image>\n`, []],
    ["misspelt", `${BARE}<preferences><type image="oem"/></preferences></image>\n`, ["--board", "mk820"]],
  ])("%s", async (name, content, flags) => {
    if (content !== undefined) put(`bad/${name}/config.xml`, content);
    const { code, out, err } = await run("import", "kiwi", `bad/${name}`, ...flags);
    expect([code, out]).toEqual([2, ""]);
    await expect(err).toMatchFileSnapshot(`bad-${name}.txt`);
  });

  test("several descriptions in one folder", async () => {
    put("bad/several/a.kiwi", "");
    put("bad/several/b.kiwi", "");
    expect((await run("import", "kiwi", "bad/several")).err).toContain("help: there are several: a.kiwi, b.kiwi");
  });
});

test("a board is guessed by the longest name that fits, and not at all between two", () => {
  const boards = ["cubieboard", "cubieboard2", "mk802"].map((name) => ({ name, title: name.toUpperCase() }));
  const guess = (...words: string[]) => guessBoard(words, boards)?.name;
  expect(guess("Cubieboard 2 with LVM")).toBe("cubieboard2");
  expect(guess("jeos", "cubie-board")).toBe("cubieboard");
  expect(guess("raspberry")).toBeUndefined();
  expect(guess("")).toBeUndefined();
});
