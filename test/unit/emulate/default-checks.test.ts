import { describe, expect, test } from "vitest";
import { type Assertion, judge } from "../../../src/emulate/check.js";
import { defaultChecks, type Expected, recipeCheck } from "../../../src/emulate/default-checks.js";

const MIB = 1024 ** 2;
const expected: Expected = {
  memory: 512 * MIB,
  root: { number: 2, offset: 65 * MIB, size: 447 * MIB, filesystem: "ext4" },
  release: "6.12.107",
  lvm: true,
  lvmTools: true,
  volumes: [],
  elsewhere: [],
};

function judged(name: string, exitCode: number, output: string, more: Partial<Expected> = {}): Assertion {
  const check = defaultChecks({ ...expected, ...more }).find((one) => one.name === name);
  if (!check) throw new Error(`no check ${name}`);
  return judge(check, { exitCode, output }, 1);
}

const passes = (...args: Parameters<typeof judged>) => expect(judged(...args).verdict).toBe("passed");
const fails = (reason: string, ...args: Parameters<typeof judged>) =>
  expect(judged(...args)).toMatchObject({ verdict: "failed", reason });

describe("memory size", () => {
  test("MemTotal may be 10 % below the board's", () => {
    passes("memory size", 0, "MemTotal:         501416 kB\nMemFree:          1000 kB");
    passes("memory size", 0, "MemTotal: 471860 kB");
  });
  test("not less, not more", () => {
    fails("MemTotal is 460.7 MiB, the board has 512 MiB", "memory size", 0, "MemTotal: 471800 kB");
    fails("MemTotal is 1008.8 MiB, the board has 512 MiB", "memory size", 0, "MemTotal: 1033000 kB");
    fails("exit code 1", "memory size", 1, "cat: /proc/meminfo: No such file or directory");
  });
});

describe("Xen", () => {
  const info = "host : card\nxen_major              : 4\nxen_minor              : 17\nxen_extra              : .7";
  test("is asked for where the image has one, and must be the image's", () => {
    passes("xl info", 0, info, { xen: "4.17" });
    fails("Xen 4.17 runs, the image's is 4.20", "xl info", 0, info, { xen: "4.20" });
    passes("hypervisor", 0, "xen", { xen: "4.17" });
    fails("exit code 1", "hypervisor", 1, "grep: no such file", { xen: "4.17" });
    expect(defaultChecks(expected).some(({ name }) => name === "hypervisor")).toBe(false);
  });
  test("lists dom0", () => {
    const head = "Name                   ID   Mem VCPUs\tState\tTime(s)\n";
    passes("xl list", 0, `${head}Domain-0                0   256     1     r-----      22.2`, { xen: "4.17" });
    fails("no Domain-0 is listed", "xl list", 0, head, { xen: "4.17" });
    const all = `${head}Domain-0                0   256     1     r-----      22.2\n(null)                  1    96     1     -b----       8.0`;
    passes("xl list", 0, all, { xen: "4.17", dom0less: 1 });
    const few = "1 domains run beside dom0, and Xen is to start 2 by itself";
    fails(few, "xl list", 0, all, { xen: "4.17", dom0less: 2 });
    expect(judged("xl list", 77, "", { xen: "4.17" })).toMatchObject({ verdict: "skipped" });
  });
});

test("a recipe's own check may say that it does not apply", () => {
  const check = recipeCheck({ name: "bridge", run: "brctl show", expect: "^br0" });
  expect(judge(check, { exitCode: 77, output: "" }, 1)).toMatchObject({
    verdict: "skipped",
    reason: "it says so itself",
  });
  expect(judge(check, { exitCode: 0, output: "br1" }, 1)).toMatchObject({ verdict: "failed" });
});

describe("growth", () => {
  const card = { grown: 2048 * MIB };
  test("is seen on the file system itself, less what ext4 keeps for its tables", () => {
    passes("growth", 0, "400000 4096\n● boardsmith-grow.service - Grow the root filesystem", card);
    fails("/ has 1.3 GiB, and could have 2 GiB of its card", "growth", 0, "350000 4096", card);
    fails("exit code 1", "growth", 1, "stat: not found", card);
    expect(judged("growth", 77, "", card)).toMatchObject({
      verdict: "skipped",
      reason: "nothing grows it on first boot",
    });
  });
});

describe("root file system", () => {
  const sector = (65 * MIB) / 512;
  test("is the layout's partition, as large or grown", () => {
    passes("root file system", 0, `2 ${sector} ${(447 * MIB) / 512} ext4 /dev/mmcblk0p2 rw`);
    passes("root file system", 0, `2 ${sector} ${(999 * MIB) / 512} ext4 /dev/root rw,discard`);
  });
  test("is no other one, of no other kind and no smaller", () => {
    fails(
      `/ is partition 1 at sector 2048, the image's root is partition 2 at sector ${sector}`,
      "root file system",
      0,
      "1 2048 9999999 ext4 /dev/root rw",
    );
    fails("/ is vfat, the image's root is ext4", "root file system", 0, `2 ${sector} 9999999 vfat /dev/root rw`);
    fails("/ has 1 MiB, the image's root 447 MiB", "root file system", 0, `2 ${sector} 2048 ext4 /dev/root rw`);
    fails("exit code 2", "root file system", 2, "sh: cd: can't cd to /sys/dev/block/0:2");
    fails("what is mounted on / is no partition", "root file system", 0, "");
  });
});

test("the running kernel is the image's", () => {
  passes("kernel version", 0, "6.12.107");
  fails("the running kernel is 6.12.107+, the image's is 6.12.107", "kernel version", 0, "6.12.107+");
});

test("no unit has failed; without systemd the question is skipped", () => {
  passes("no failed units", 0, "");
  fails(
    "failed: ssh.service, dev-sda1.device",
    "no failed units",
    0,
    "ssh.service loaded failed failed OpenBSD Secure Shell\n● dev-sda1.device loaded failed failed /dev/sda1",
  );
  fails("exit code 1", "no failed units", 1, "Failed to connect to bus");
  expect(judged("no failed units", 77, "")).toMatchObject({ verdict: "skipped", reason: "init is not systemd" });
});

test("lvm2 is asked for where the recipe has it, and must be there in a distribution's root file system", () => {
  const names = (more: Partial<Expected>) => defaultChecks({ ...expected, ...more }).map((check) => check.name);
  expect(names({})).toEqual([
    "memory size",
    "kernel version",
    "root file system",
    "no failed units",
    "device-mapper",
    "vgs",
  ]);
  expect(names({ lvm: false })).not.toContain("vgs");
  fails("the command is not on the board", "vgs", 127, "sh: vgs: not found");
  const run = defaultChecks({ ...expected, lvmTools: false }).find((check) => check.name === "vgs")?.run;
  expect(run).toBe("command -v vgs>/dev/null||exit 77;vgs");
  expect(judged("vgs", 77, "", { lvmTools: false })).toMatchObject({
    verdict: "skipped",
    reason: "the root file system has no lvm2",
  });
});

describe("an image with logical volumes", () => {
  const root = { number: 2, offset: 69 * MIB, size: 512 * MIB, filesystem: "ext4", mapper: "system-root" };
  const lvm = { root, volumes: ["system root", "system data"] };
  test("its root is the volume, as large or grown", () => {
    passes("root file system", 0, `system-root ${(512 * MIB) / 512} ext4 /dev/root rw`, lvm);
    fails("/ is system-data, the image's root is system-root", "root file system", 0, "system-data 1048576 ext4", lvm);
    fails("/ has 511 MiB, the image's root 512 MiB", "root file system", 0, "system-root 1046528 ext4", lvm);
    fails("what is mounted on / is no logical volume", "root file system", 0, "", lvm);
  });
  test("all its volumes are active, and what fstab has is in use", () => {
    passes("logical volumes", 0, "  system data active\n  system root active", lvm);
    fails("not active: system data", "logical volumes", 0, "  system data \n  system root active", lvm);
    passes("mounts", 0, "", lvm);
    fails("UUID=1 is not in use as /srv ext4", "mounts", 1, "UUID=1 is not in use as /srv ext4", lvm);
  });
});

test("without layout and kernel version the other checks remain", () => {
  const checks = defaultChecks({ memory: 512 * MIB, lvm: false, lvmTools: false, volumes: [], elsewhere: [] });
  expect(checks.map((check) => check.name)).toEqual(["memory size", "no failed units"]);
});

describe("a root file system on a server", () => {
  const { root: _, ...none } = expected;
  const check = defaultChecks({ ...none, nfsRoot: "/srv/nfs/board" }).find(({ name }) => name === "root file system");
  const problem = (output: string, exitCode = 0) => check?.problem({ exitCode, output });

  test("is the folder that the recipe names", () => {
    expect(problem("192.0.2.1:/srv/nfs/board / nfs rw,relatime,vers=3 0 0")).toBeUndefined();
    expect(problem("192.0.2.1:/srv/other / nfs4 rw 0 0")).toBe(
      "/ is the server's /srv/other, the recipe's root is /srv/nfs/board",
    );
    expect(problem("", 1)).toBe("exit code 1");
  });
});

test("units that mount what only the board's network has may fail here", () => {
  const output = "● srv-music.mount loaded failed failed /srv/music\n● app.service loaded failed failed app";
  fails("failed: app.service", "no failed units", 0, output, { elsewhere: ["srv-music.mount"] });
  passes("no failed units", 0, output.split("\n")[0] ?? "", { elsewhere: ["srv-music.mount"] });
});
