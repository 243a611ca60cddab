import { execFileSync } from "node:child_process";
import { copyFile, mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FETCH, RPM } from "../../src/steps/tools.js";
import { boardsmith, type Project } from "../rig/boardsmith.js";
import { type HttpRig, httpServer } from "../rig/http-server.js";
import { afterMainJob } from "../rig/main-job.js";
import { engineWith } from "../rig/op-run.js";
import { outcome } from "../rig/outcome.js";
import { RPM_RIG, standIn, standInKernel } from "../rig/rpm-repository/repository.js";
import { serveRepository } from "../rig/rpm-repository/serve.js";
import { type Terminal, terminal } from "../rig/terminal.js";

/* openSUSE's cards, from the mirror map to the second boot, with the kernel that the main job compiled. */

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
