import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { prove } from "../../../src/emulate/prove.js";
import { idleHost, startBoard } from "./serial-board.js";

/** Plays a recorded console to the proof; what comes after the record is silence. Logs are of real boots in QEMU 10.0. */
async function replay(log: string, network = false) {
  const bytes = readFileSync(new URL(`logs/${log}.log`, import.meta.url), "utf8");
  const pieces = bytes.match(/[\s\S]{1,37}/g) ?? [];
  const request = {
    until: "login",
    ...(network ? { network: true as const } : {}),
    timeouts: { spl: 10, "u-boot": 10, kernel: 10, init: 10, login: 10, checks: 10 },
    password: "x",
    mark: "x",
    checks: [],
    say: () => {},
  } as const;
  return await prove(startBoard({ says: pieces }), request, idleHost(), new AbortController().signal);
}

describe("a recorded boot that fails", () => {
  test.each([
    ["damaged-u-boot", "u-boot", "u-boot-silent", "Trying to boot from MMC1"],
    ["no-partitions", "kernel", "no-boot-configuration", "** No partition table - mmc 0 **"],
    ["no-kernel-file", "kernel", "boot-file-missing", "Skipping l0 for failure retrieving kernel"],
    ["bad-zimage", "kernel", "bad-zimage", "zimage: Bad magic!"],
    ["root-missing", "init", "root-missing", "Waiting for root device /dev/mmcblk0p9..."],
    ["no-root", "init", "no-root", 'VFS: Unable to mount root fs on "PARTUUID=12345678-01" or unknown-block(179,1)'],
    ["no-init", "login", "no-init", "Kernel panic - not syncing: Requested init /nothing failed (error -2)."],
    ["init-died", "login", "init-died", "Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100"],
  ])("%s: on the way to %s, as %s", async (log, stage, name, line) => {
    const { failure, verdict } = await replay(log);
    expect(verdict).toBe("failed");
    expect(failure).toMatchObject({ stage, name, line: expect.stringContaining(line) });
    expect(failure?.message).not.toBe("");
    expect(failure?.remedy).not.toBe("");
  });

  test("by starting over and over", async () => {
    const spl = "\r\nU-Boot SPL 2025.01 (Nov 24 2026 - 06:37:40 +0000)\r\n";
    const talk = startBoard({ says: [spl, "DRAM: 1024 MiB\r\n", "U-Boot 2025.01 (x)\r\n", spl] });
    const timeouts = { spl: 9, "u-boot": 9, kernel: 9, init: 9, login: 9, checks: 9 };
    const request = { until: "login", timeouts, password: "x", mark: "x", checks: [], say: () => {} } as const;
    expect((await prove(talk, request, idleHost(), new AbortController().signal)).failure).toMatchObject({
      name: "boot-loop",
      stage: "kernel",
      message: "the board started over: SPL was seen twice",
    });
  });

  test("by its own doing, and not by a guest's that Xen started", async () => {
    const timeouts = { spl: 9, "u-boot": 9, kernel: 9, init: 9, login: 9, checks: 9 };
    const request = { until: "login", timeouts, password: "x", mark: "x", checks: [], say: () => {} } as const;
    const panic =
      "(XEN) DOM1: [    2.1] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\r\n";
    const board = startBoard({
      says: ["U-Boot SPL 2025.01 (x)\r\n", "U-Boot 2025.01 (x)\r\n", "Xen version 4.17.7\r\n", panic],
    });
    const { failure, stages } = await prove(board, request, idleHost(), new AbortController().signal);
    expect(stages.map(({ stage }) => stage)).toEqual(["spl", "u-boot", "kernel"]);
    expect(failure).toMatchObject({ stage: "init", name: "xen-silent" });
  });

  test("on a fast model's twin, behind its shim", async () => {
    const timeouts = { spl: 9, "u-boot": 9, kernel: 9, init: 9, login: 9, checks: 9 };
    const request = { until: "login", timeouts, password: "x", mark: "x", checks: [], say: () => {} } as const;
    const board = startBoard({ says: ["boardsmith shim: starting Xen\r\n"] });
    const { failure, stages } = await prove(board, request, idleHost(), new AbortController().signal);
    expect(stages.map(({ stage }) => stage)).toEqual(["spl"]);
    expect(failure).toMatchObject({
      name: "xen-silent",
      stage: "u-boot",
      message: "the shim ran, but Xen printed nothing after 9 s",
      line: "boardsmith shim: starting Xen",
    });
  });

  test.each([
    ["no root filesystem: PARTUUID=1a2b3c4d-02 did not appear within 30 s; block devices:", "no-root"],
    ["no init: /dev/mmcblk0p2 (LABEL=root) has none of  /sbin/init /etc/init /bin/init", "no-init"],
  ])("in the initramfs: %s", async (says, name) => {
    const start = "U-Boot SPL 2025.01 (x)\r\nU-Boot 2025.01 (x)\r\nStarting kernel ...\r\n";
    const run = "[    5.8] Run /init as init process\r\n";
    const panic = "[   40.0] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100\r\n";
    const timeouts = { spl: 9, "u-boot": 9, kernel: 9, init: 9, login: 9, checks: 9 };
    const request = { until: "login", timeouts, password: "x", mark: "x", checks: [], say: () => {} } as const;
    const board = startBoard({ says: [start, run, `initramfs: ${says}\r\n`, panic] });
    const proven = await prove(board, request, idleHost(), new AbortController().signal);
    expect(proven.failure).toMatchObject({ name, stage: "login", line: `initramfs: ${says}` });
    expect(proven.failure?.message).toContain("the initramfs");
  });

  test("in systemd's emergency mode", async () => {
    const says = [
      "U-Boot SPL 2025.01 (x)\r\nU-Boot 2025.01 (x)\r\nStarting kernel ...\r\n",
      "[    5.1] systemd[1]: systemd 257.8 running in system mode\r\n",
      'You are in emergency mode. After logging in, type "journalctl -xb" to view\r\n',
    ];
    const timeouts = { spl: 9, "u-boot": 9, kernel: 9, init: 9, login: 9, checks: 9 };
    const request = { until: "login", timeouts, password: "x", mark: "x", checks: [], say: () => {} } as const;
    const proven = await prove(startBoard({ says }), request, idleHost(), new AbortController().signal);
    expect(proven.failure).toMatchObject({ name: "emergency-mode", stage: "login" });
    expect(proven.versions.systemd).toBe("257.8");
  });
});

describe("a boot over the network", () => {
  test("that gets no answer from the NFS server: the export is named", async () => {
    const { failure, stages, verdict } = await replay("nfs-root", true);
    expect(verdict).toBe("failed");
    expect(stages.map((one) => one.stage)).toEqual(["spl", "u-boot", "kernel"]);
    expect(failure).toMatchObject({
      name: "nfs-root",
      stage: "init",
      message: "the NFS export 10.0.2.2:/srv/nfs/cubieboard-netboot did not answer",
      line: expect.stringContaining("VFS: Unable to mount root fs via NFS."),
    });
    expect(failure?.remedy).toMatch(/^the server must run and export that folder to the board/);
  });

  const START = "U-Boot SPL 2025.01 (x)\r\nU-Boot 2025.01 (x)\r\nCouldn't find partition mmc 0:1\r\n";
  const FOUND = "Retrieving file: pxelinux.cfg/default\r\nStarting kernel ...\r\n";
  const LINE = "[    0.0] Kernel command line: console=ttyS0,115200 root=/dev/nfs nfsroot=";
  const DHCP = "[    3.8]      bootserver=10.0.2.2, rootserver=10.0.2.2, rootpath=\r\n";
  const GAVE_UP = "[   99.9] VFS: Unable to mount root fs via NFS.\r\n";

  test.each([
    ["no-ethernet", "kernel", `${START}No ethernet found.\r\n`, "U-Boot has no Ethernet port to boot from"],
    ["no-dhcp", "kernel", `${START}BOOTP broadcast 10\r\n`, "no DHCP server answered U-Boot"],
    [
      "u-boot-prompt",
      "kernel",
      `${START}Config file not found\r\n=> `,
      "U-Boot stopped at its own prompt: the TFTP server gave it nothing to boot",
    ],
    [
      "no-address",
      "init",
      `${START}${FOUND}[   12.0] IP-Config: No network devices available\r\n`,
      "the kernel got no address to reach its root file system from",
    ],
    [
      "nfs-root",
      "init",
      `${START}${FOUND}${LINE}/x,vers=3,tcp ip=:::::eth0:dhcp rw\r\n${DHCP}${GAVE_UP}`,
      "the NFS export 10.0.2.2:/x did not answer",
    ],
    [
      "nfs-root",
      "init",
      `${START}${FOUND}${LINE}192.0.2.9:/x,vers=3 ip=:::::eth0:dhcp rw\r\n${DHCP}${GAVE_UP}`,
      "the NFS export 192.0.2.9:/x did not answer",
    ],
  ])("that fails as %s on the way to %s", async (name, stage, says, message) => {
    const timeouts = { spl: 9, "u-boot": 9, kernel: 9, init: 9, login: 9, checks: 9 };
    const request = {
      until: "login",
      network: true,
      timeouts,
      password: "x",
      mark: "x",
      checks: [],
      say: () => {},
    } as const;
    const proven = await prove(startBoard({ says: [says] }), request, idleHost(), new AbortController().signal);
    expect(proven.failure).toMatchObject({ name, stage, message });
  });
});

describe("a recorded boot that goes well", () => {
  test.each(["busybox", "mk802"])("%s: all stages to login, with the versions that the console named", async (log) => {
    const { stages, versions } = await replay(log);
    expect(stages.map((one) => one.stage)).toEqual(["spl", "u-boot", "kernel", "init", "login"]);
    expect(versions).toMatchObject({ spl: "2025.01", "u-boot": "2025.01", kernel: "6.12.107" });
  });
});
