import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { boardsmith, type Project, project } from "../rig/boardsmith.js";
import { fastModelImages } from "../rig/fast-model.js";
import { dom0Parts } from "../rig/xen-dom0.js";

/*
 * The card path with Xen in it, on a relative of the A20 that QEMU knows whole: SPL, U-Boot, its script, Xen, dom0. The
 * kernel, Xen and the tools are Debian's, unpacked onto busybox: what is proven is the way there, and that it was right.
 */

let place: Project;
const run = (...args: string[]) => boardsmith(args, { cwd: place.folder, env: place.env });
const out = (recipe: string, name: string) => join(place.folder, "out", recipe, `${recipe}.${name}`);
const json = async <T>(path: string) => JSON.parse(await readFile(path, "utf8")) as T;

/** Tried in the card's dom0 once it is up: a guest's way from its description to its end, and volumes that come later. */
const CHECKS = [
  { name: "dry run", run: "xl create -n /etc/xen/web.cfg", expect: '"name": "web"' },
  { name: "guest", run: "xl create /etc/xen/web.cfg && xl list web", expect: "^web +[1-9][0-9]* +128 +1 " },
  {
    name: "console",
    run: "l=/var/log/xen/console/guest-web.log;for i in $(seq 120);do grep -q 'eth0 has' $l&&break;sleep 1;done;grep ^web: $l|tr -d '\\r'",
    expect: "^web: eth0 has 10[.]0[.]2[.]",
  },
  {
    name: "bridge",
    run: "ping -c 1 $(sed -n 's,^web: eth0 has \\(.*\\)/.*,\\1,p' /var/log/xen/console/guest-web.log)",
  },
  { name: "disk", run: "dd if=/dev/guests/disk bs=14 count=1 2>/dev/null", expect: "^written by web$" },
  { name: "statistics", run: "cat /sys/bus/xen-backend/devices/vbd-*-51712/statistics/rd_req", expect: "^[1-9]" },
  { name: "guest's end", run: "xl destroy web && ! xl list web" },
  {
    name: "later volume",
    run: "lvcreate -qy -L 8M -n later guests && lvextend -q -L +8M guests/later && lvs --noheadings -o lv_name,lv_size",
    expect: "^ *later +16.00m$",
  },
];

/** The twin's dom0 is the same: what its tools can do, the card's show. */
const NOT_ON_THE_MODEL = "grep -q vexpress /proc/device-tree/compatible&&exit 77;";

const DOM0 = `description: Xen, a dom0 of busybox, and guests
extends: base/busybox.yaml
board: bananapi-m2-ultra
sources: { kernel-deb: { path: kernel.deb }, xen-deb: { path: xen.deb } }
kernel: { prebuilt: kernel-deb }
xen: { prebuilt: xen-deb, dom0: { memory: 384MiB, vcpus: 1 } }
fast-model: { model: vexpress-a15 }
# Every line that Xen prints for dom0 costs an emulated board time.
boot: { arguments: [loglevel=6] }
provision:
  network: [{ interface: br0, bridge: [eth0], dhcp: true }]
  overlays: [{ from: dom0 }]
guests:
  web:
    ramdisk: minimal
    arguments: [root=/dev/xvda, rw]
    memory: 128MiB
    disks:
      - { volume: guests/web, target: xvda, size: 16MiB, from: web.ext4 }
      - { volume: guests/disk, target: xvdb }
    vifs: [{ bridge: br0 }]
  alone: { ramdisk: ./alone.cpio, arguments: [quiet], memory: 96MiB, dom0less: true }
image:
  size: 512MiB
  partitions:
    - { name: boot, content: boot, filesystem: fat32, size: 64MiB }
    - { name: root, content: root, filesystem: ext4, size: 256MiB }
    - name: pv
      content: lvm
      size: rest
      group: guests
      volumes: [{ name: disk, content: empty, size: 32MiB }]
proof:
  checks: ${JSON.stringify(CHECKS.map(({ run, ...check }) => ({ ...check, run: `${NOT_ON_THE_MODEL}${run}` })))}
  timeouts: { checks: 400 }
`;

beforeAll(async () => {
  place = await project();
  const recipes = join(place.folder, "recipes");
  await dom0Parts(recipes);
  await writeFile(join(recipes, "dom0.yaml"), DOM0);
});
afterAll(() => place?.[Symbol.asyncDispose]());

test("a card boots from its SPL through Xen to dom0, which runs a guest from a volume beside one that Xen started", async () => {
  const ran = await run("build", "dom0", "--plain", "--yes");
  expect(ran.code, `${ran.stdout.slice(-6000)}${ran.stderr}`).toBe(0);
  const proof = await json<{
    verdict: string;
    versions: { [part: string]: string };
    checks: { name: string; verdict: string; output?: string }[];
  }>(out("dom0", "proof.json"));
  expect(proof.verdict).toBe("proven");
  expect(proof.versions).toMatchObject({
    xen: expect.stringMatching(/^4\.17\./),
    kernel: expect.stringMatching(/lpae/),
  });
  const output = (name: string) => {
    const check = proof.checks.find((one) => one.name === name);
    expect(check, name).toMatchObject({ verdict: "passed" });
    return check?.output ?? "";
  };
  expect(output("xl info")).toMatch(/^xen_caps *: xen-3\.0-armv7l/m);
  expect(output("xl list")).toMatch(/^Domain-0 +0 +384 +1 /m);
  expect(output("vgs")).toMatch(/^ *guests /m);
  for (const name of ["memory size", "kernel version", "root file system", "logical volumes"]) output(name);
  for (const { name } of CHECKS) output(name);
  expect(output("console")).toMatch(/^web: \/ is \/dev\/xvda ext4$/m);

  const serial = await readFile(out("dom0", "serial.log"), "utf8");
  for (const words of ["U-Boot SPL 2025.01", "(XEN) Loading d0 kernel from boot module @ 0000000043400000", "login:"])
    expect(serial).toContain(words);
  expect(serial).toMatch(/^.*\(XEN\) DOM1: alone: MemTotal: +\d+ kB/m);
  const { areas } = await json<{ areas: { name: string; start: number; size: number }[] }>(
    out("dom0", "boot-map.json"),
  );
  expect(areas).toContainEqual(expect.objectContaining({ name: "dom0's kernel (zImage)", start: 0x43400000 }));
});

test("the fast model's image boots the same dom0 on the model's twin, from the card's image as its disk", async () => {
  const proof = await json<{
    verdict: string;
    machine: { command: string[] };
    versions: { [part: string]: string };
    checks: { name: string; verdict: string; output?: string }[];
  }>(out("dom0", "twin.proof.json"));
  expect(proof.verdict).toBe("proven");
  expect(proof.machine.command.join(" ")).toContain("-M vexpress-a15,virtualization=on,secure=on -cpu cortex-a15");
  expect(proof.versions).toMatchObject({ xen: expect.stringMatching(/^4\.17\./) });
  const passed = proof.checks.filter(({ verdict }) => verdict === "passed").map(({ name }) => name);
  expect(passed).toEqual(expect.arrayContaining(["xl list", "vgs", "root file system", "logical volumes"]));
  const serial = await readFile(out("dom0", "twin.serial.log"), "utf8");
  expect(serial).toContain("boardsmith shim: starting Xen");
  expect(serial).not.toContain("U-Boot");
});

test("its images are ELF files that readelf agrees with, and the second takes what the model's command line names", async () => {
  await using fast = await fastModelImages(join(place.folder, "out/dom0"));
  const loads = (lines: readonly string[]) => lines.flatMap((line) => /^ +LOAD +\S+ (0x\w+) \1/.exec(line)?.[1] ?? []);
  const whole = ["0x80000000", "0x80100000", "0x80200000", "0x82000000", "0x84000000"];
  expect(loads(await fast.readelf("dom0.axf"))).toEqual(whole);
  expect(loads(await fast.readelf("dom0.semihosting.axf"))).toEqual(whole.slice(0, 3));

  const line = (await readFile(out("dom0", "run.txt"), "utf8")).split("\n").find((one) => one.includes("cmd_line="));
  const named = /cmd_line="(.*)"$/.exec(line ?? "")?.[1] ?? "";
  expect(named).toMatch(
    /^--kernel dom0\.kernel --dtb dom0\.dtb --initrd dom0\.initramfs -- console=hvc0 root=PARTUUID=/,
  );
  const lines = await fast.start(`${named} said=by-semihosting`, 120);
  expect(lines.at(-1)).toMatch(/Kernel command line: console=hvc0 root=PARTUUID=\S+ .*said=by-semihosting$/);

  const wrong: Readonly<Record<string, string>> = {
    "--kernel gone": "cannot open gone",
    "--kernl dom0.kernel": "no such option: --kernl",
    "--dtb dom0.initramfs": "no device tree: dom0.initramfs",
    "--initrd dom0.initramfs": "the image has no kernel; name one: --kernel FILE",
    [`--kernel dom0.kernel -- ${"x".repeat(1024)}`]: `more arguments than the device tree has room for: ${"x".repeat(1024)}`,
  };
  for (const [said, message] of Object.entries(wrong)) {
    expect((await fast.start(said, 20)).slice(1), said).toEqual([`boardsmith shim: ${message}`]);
  }
});
