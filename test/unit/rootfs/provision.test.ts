import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { hostname } from "../../../src/rootfs/hostname.js";
import { initOf } from "../../../src/rootfs/init.js";
import { network } from "../../../src/rootfs/network.js";
import { type Provisioning, provision } from "../../../src/rootfs/provision.js";
import { keymap, locale, timezone } from "../../../src/rootfs/region.js";
import { ROOT_VOLUME_FILES } from "../../../src/rootfs/root-volume.js";
import type { Tree } from "../../../src/rootfs/tree.js";
import { bytesOf, EPOCH, found, listing, type Member, memory, NONE, tarOf, treeOf } from "./rig.js";

type Members = { readonly [path: string]: Member | string };

const AT = "usr/lib/systemd/system";
const SYSTEMD: Members = {
  "/": {},
  "usr/": {},
  "usr/bin/": {},
  "usr/lib/": {},
  "usr/sbin/": {},
  bin: { link: "usr/bin" },
  lib: { link: "usr/lib" },
  sbin: { link: "usr/sbin" },
  "usr/lib/systemd/systemd": { mode: 0o755, content: "ELF" },
  "usr/lib/systemd/systemd-udevd": { mode: 0o755, content: "ELF" },
  "usr/sbin/init": { link: "../lib/systemd/systemd" },
  "usr/bin/bash": { mode: 0o755, content: "ELF" },
  "usr/sbin/chpasswd": { mode: 0o755, content: "ELF" },
  "usr/sbin/sfdisk": { mode: 0o755, content: "ELF" },
  "usr/sbin/resize2fs": { mode: 0o755, content: "ELF" },
  "usr/sbin/sshd": { mode: 0o755, content: "ELF" },
  "usr/bin/ssh-keygen": { mode: 0o755, content: "ELF" },
  [`${AT}/systemd-networkd.service`]: "[Install]\nWantedBy=multi-user.target\n",
  "etc/passwd": "root:x:0:0:root:/root:/bin/bash\n",
  "etc/shadow": { mode: 0o640, content: "root:!:19675:0:99999:7:::\n" },
  "etc/group": "root:x:0:\n",
  "etc/fstab": "# UNCONFIGURED FSTAB FOR BASE SYSTEM\n",
  "etc/machine-id": "0123456789abcdef0123456789abcdef\n",
  "etc/debian_version": "13.0\n",
  "var/lib/dpkg/status": "Package: base-files\n",
};
const BUSYBOX: Members = {
  "bin/busybox": { mode: 0o755, content: "ELF" },
  "bin/chpasswd": { link: "busybox" },
  "sbin/init": { link: "../bin/busybox" },
  "sbin/ifup": { link: "../bin/busybox" },
  "sbin/udhcpc": { link: "../bin/busybox" },
  "lib/modules/": {},
  "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
  "etc/shadow": { mode: 0o600, content: "root:*:19675:0:99999:7:::\n" },
  "etc/inittab":
    "::sysinit:/etc/init.d/rcS\nttyS0::respawn:/sbin/getty -L ttyS0 115200 vt100\n::shutdown:/etc/init.d/rcK\n",
};

const MODULES = tarOf({
  "/": {},
  "lib/": {},
  "lib/modules/": {},
  "lib/modules/6.12.107/": {},
  "lib/modules/6.12.107/build": { link: "/work/build" },
  "lib/modules/6.12.107/modules.dep": "kernel/fs/fat.ko:\n",
});

const FILES = Object.fromEntries(
  [
    "boardsmith-firstboot",
    "boardsmith-firstboot.service",
    "boardsmith-grow",
    "boardsmith-grow.service",
    "boardsmith-provision",
    "boardsmith-provision.service",
    ...ROOT_VOLUME_FILES,
    "boardsmith-ssh-keys.service",
  ].map((name) => [name, readFileSync(`src/rootfs/files/${name}`, "utf8")]),
);

const BARE: Provisioning = {
  hostname: "board",
  users: [],
  network: [],
  nfs: { mounts: [], exports: [] },
  units: { enable: [], disable: [], mask: [] },
  overlays: [],
  firstboot: "password",
  grow: false,
  mounts: [
    { partition: "0badcafe-01", label: "BOOT", where: "/boot", type: "vfat", options: "defaults,nofail", pass: 0 },
    { partition: "0badcafe-02", label: "root", where: "/", type: "ext4", options: "defaults", pass: 1 },
  ],
  console: "ttyS0",
  modules: memory(MODULES),
  release: "6.12.107",
  files: FILES,
  epoch: EPOCH,
};
const ADA = { name: "ada", sshKeys: ["ssh-ed25519 AAAA"], groups: [] };
const DHCP = { interface: "eth0", dhcp: true, dns: [] };

function run(members: Members, more: Partial<Provisioning> = {}) {
  const tree = treeOf(members);
  const says = found((f) => provision(tree, { ...BARE, ...more }, f));
  return { tree, says };
}

function newIn(members: Members, tree: Tree): string[] {
  const before = new Set(listing(treeOf(members)));
  return listing(tree).filter((line) => !before.has(line));
}

describe("a systemd rootfs", () => {
  it("with nobody who can log in asks on the console, and gets modules below usr/lib", () => {
    const { tree, says } = run(SYSTEMD, { grow: true, network: [DHCP] });
    expect(says).toEqual({
      notes: [
        "network: eth0 by systemd-networkd",
        "warning: network: without systemd-resolved nobody uses the DNS servers that DHCP names",
        "no user of the recipe can log in: the first boot asks on the console for root's password",
      ],
      mistakes: [],
    });
    expect(newIn(SYSTEMD, tree)).toEqual([
      "-r--r--r-- 0/0 ./etc/machine-id",
      "drwxr-xr-x 0/0 ./usr/lib/modules/",
      "drwxr-xr-x 0/0 ./usr/lib/modules/6.12.107/",
      "-rw-r--r-- 0/0 ./usr/lib/modules/6.12.107/modules.dep",
      "-rw-r--r-- 0/0 ./etc/hostname",
      "-rw-r--r-- 0/0 ./etc/hosts",
      "drwxr-xr-x 0/0 ./boot/",
      "drwxr-xr-x 0/0 ./etc/systemd/",
      "drwxr-xr-x 0/0 ./etc/systemd/network/",
      "-rw-r--r-- 0/0 ./etc/systemd/network/10-eth0.link",
      "-rw-r--r-- 0/0 ./etc/systemd/network/10-eth0.network",
      "drwxr-xr-x 0/0 ./etc/systemd/system/",
      "drwxr-xr-x 0/0 ./etc/systemd/system/multi-user.target.wants/",
      `lrwxrwxrwx 0/0 ./etc/systemd/system/multi-user.target.wants/systemd-networkd.service -> /${AT}/systemd-networkd.service`,
      `-rw-r--r-- 0/0 ./${AT}/boardsmith-ssh-keys.service`,
      `lrwxrwxrwx 0/0 ./etc/systemd/system/multi-user.target.wants/boardsmith-ssh-keys.service -> /${AT}/boardsmith-ssh-keys.service`,
      "drwxr-xr-x 0/0 ./usr/lib/boardsmith/",
      "-rwxr-xr-x 0/0 ./usr/lib/boardsmith/grow",
      `-rw-r--r-- 0/0 ./${AT}/boardsmith-grow.service`,
      `lrwxrwxrwx 0/0 ./etc/systemd/system/multi-user.target.wants/boardsmith-grow.service -> /${AT}/boardsmith-grow.service`,
      "-rwxr-xr-x 0/0 ./usr/lib/boardsmith/firstboot",
      `-rw-r--r-- 0/0 ./${AT}/boardsmith-firstboot.service`,
      `lrwxrwxrwx 0/0 ./etc/systemd/system/multi-user.target.wants/boardsmith-firstboot.service -> /${AT}/boardsmith-firstboot.service`,
      "drwxr-xr-x 0/0 ./etc/systemd/system/dev-ttyS0.device.d/",
      "-rw-r--r-- 0/0 ./etc/systemd/system/dev-ttyS0.device.d/boardsmith.conf",
    ]);
    expect(tree.text("etc/machine-id")).toBe("");
    expect(tree.text("etc/systemd/network/10-eth0.link")).toBe(
      "[Match]\nOriginalName=eth0\n\n[Link]\nNamePolicy=kernel\n",
    );
    expect(tree.text("etc/shadow")).toBe("root:*:19675:0:99999:7:::\n");
    expect(tree.text("etc/fstab")).toBe(
      "PARTUUID=0badcafe-01 /boot vfat defaults,nofail,x-systemd.device-timeout=15min 0 0\nPARTUUID=0badcafe-02 / ext4 defaults 0 1\n",
    );
  });

  it("with a user who has a key asks nobody", () => {
    const { tree, says } = run(SYSTEMD, { users: [ADA] });
    expect(says).toEqual(NONE);
    expect(tree.has("usr/lib/boardsmith/firstboot")).toBe(false);
    expect(tree.text("etc/shadow")).toBe("root:!:19675:0:99999:7:::\nada:*:19675:0:99999:7:::\n");
  });

  it("is the same bytes twice", () => {
    const once = bytesOf(run(SYSTEMD, { users: [ADA], grow: true }).tree);
    expect(once.equals(bytesOf(run(SYSTEMD, { users: [ADA], grow: true }).tree))).toBe(true);
  });

  it("loses host keys that it came with", () => {
    const shipped = { ...SYSTEMD, "etc/ssh/ssh_host_rsa_key": "secret", "etc/ssh/ssh_host_rsa_key.pub": "p" };
    const { tree, says } = run(shipped, { users: [ADA] });
    expect(tree.list("etc/ssh")).toEqual([]);
    expect(says.notes).toEqual(["SSH host keys that the rootfs came with are taken out (2 files)"]);
  });

  it("on a root volume that the kernel sets up keeps its table, and grows a volume once it is mounted", () => {
    const rootfs = { ...SYSTEMD, "usr/sbin/lvm": { mode: 0o755, content: "ELF" } };
    const growVolume = { name: "system/data", mount: "/srv/my-data" };
    const { tree, says } = run(rootfs, { users: [ADA], grow: true, growVolume, rootVolume: true });
    expect(says).toEqual(NONE);
    expect(newIn(rootfs, tree).filter((line) => /volume/.test(line))).toEqual([
      "-rwxr-xr-x 0/0 ./usr/lib/boardsmith/root-volume",
      `-rw-r--r-- 0/0 ./${AT}/boardsmith-root-volume.service`,
      "-rw-r--r-- 0/0 ./usr/lib/udev/rules.d/09-boardsmith-root-volume.rules",
      "-rw-r--r-- 0/0 ./usr/lib/boardsmith/grow.volume",
      `-rw-r--r-- 0/0 ./${AT}/boardsmith-grow.service.d/volume.conf`,
    ]);
    expect(tree.text("usr/lib/boardsmith/grow.volume")).toBe("system/data\n");
    expect(tree.text(`${AT}/boardsmith-grow.service.d/volume.conf`)).toBe("[Unit]\nAfter=srv-my\\x2ddata.mount\n");
    expect(run(SYSTEMD, { users: [ADA], grow: true, growVolume, rootVolume: true }).says.mistakes).toEqual([
      "grow: the rootfs has no lvm (add lvm2, fdisk and e2fsprogs to rootfs.packages, or set provision.grow: false)",
    ]);
  });

  it("lacking what the recipe needs is told all at once", () => {
    const {
      [`usr/sbin/chpasswd`]: _c,
      [`usr/sbin/sfdisk`]: _s,
      [`${AT}/systemd-networkd.service`]: _n,
      "usr/lib/systemd/systemd-udevd": _u,
      ...less
    } = SYSTEMD;
    expect(
      run(less, { grow: true, network: [DHCP], timezone: "Europe/Berlin", release: "6.12.107+" }).says.mistakes,
    ).toEqual([
      "the rootfs has systemd and no udev: systemd would wait for the serial console and for disks that nobody announces (add udev to rootfs.packages)",
      "the kernel calls itself 6.12.107+, its modules are in /lib/modules/6.12.107 (both come from the step kernel; a changed CONFIG_LOCALVERSION or a dirty tree makes them differ)",
      "timezone Europe/Berlin: the rootfs has no time zones (add tzdata to rootfs.packages)",
      "network: the rootfs has nothing that sets eth0 up (neither systemd-networkd nor ifup) (add systemd or ifupdown to rootfs.packages)",
      "grow: the rootfs has no sfdisk (add fdisk and e2fsprogs to rootfs.packages, or set provision.grow: false)",
      "no user of the recipe can log in, and the rootfs has no chpasswd with which a first boot could ask for a password (add passwd to rootfs.packages, or a user with a password-hash or ssh-keys to provision.users)",
    ]);
  });
});

describe("a busybox rootfs", () => {
  it("is hooked in by inittab, mounts by label, and leaves growing out visibly", () => {
    const { tree, says } = run(BUSYBOX, { grow: true, network: [{ ...DHCP, interface: "eth0" }] });
    expect(says).toEqual({
      notes: [
        "network: eth0 by ifup (/etc/network/interfaces)",
        "warning: grow: the rootfs has no sfdisk and no resize2fs: the root filesystem stays as large as the image has it",
        "no user of the recipe can log in: the first boot asks on the console for root's password",
      ],
      mistakes: [],
    });
    expect(tree.text("etc/inittab")).toBe(
      "::sysinit:/etc/init.d/rcS\nttyS0::wait:/usr/lib/boardsmith/firstboot\nttyS0::respawn:/sbin/getty -L ttyS0 115200 vt100\n::shutdown:/etc/init.d/rcK\n",
    );
    expect(tree.text("etc/fstab")).toBe("LABEL=BOOT /boot vfat defaults,nofail 0 0\nLABEL=root / ext4 defaults 0 1\n");
    expect(tree.text("etc/network/interfaces")).toBe(
      "auto lo\niface lo inet loopback\n\nauto eth0\niface eth0 inet dhcp\n",
    );
    expect(tree.has("lib/modules/6.12.107/modules.dep")).toBe(true);
    expect(tree.has("etc/machine-id")).toBe(false);
  });
});

describe("an image whose cards are made their own", () => {
  it("looks for that before anything else of a busybox init's, which is begun by inittab", () => {
    const { tree, says } = run(BUSYBOX, { users: [ADA], cards: true });
    expect(says).toEqual(NONE);
    expect(tree.text("etc/inittab")).toBe(
      "::sysinit:/usr/lib/boardsmith/provision\n::sysinit:/etc/init.d/rcS\nttyS0::respawn:/sbin/getty -L ttyS0 115200 vt100\n::shutdown:/etc/init.d/rcK\n",
    );
    expect(tree.get("usr/lib/boardsmith/provision")?.mode).toBe(0o755);
  });

  it("does so under systemd before any network, and when homes of their own are mounted", () => {
    const home = { partition: "0badcafe-03", label: "home", where: "/home", type: "ext4", options: "nofail", pass: 2 };
    const { tree } = run(SYSTEMD, { users: [ADA], cards: true, mounts: [...BARE.mounts, home] });
    expect(newIn(SYSTEMD, tree)).toContain(
      `lrwxrwxrwx 0/0 ./etc/systemd/system/sysinit.target.wants/boardsmith-provision.service -> /${AT}/boardsmith-provision.service`,
    );
    expect(tree.text(`${AT}/boardsmith-provision.service.d/mounts.conf`)).toBe("[Unit]\nAfter=home.mount\n");
    expect(tree.text(`${AT}/boardsmith-provision.service`)).toMatch(/^Before=.*network-pre\.target/m);
  });
});

it("sysvinit runs lines in order, so the question comes before the first getty", () => {
  const { "sbin/init": _init, ...rest } = BUSYBOX;
  const { tree } = run({
    ...rest,
    "sbin/init": { mode: 0o755, content: "ELF" },
    "etc/inittab": "id:2:initdefault:\n1:2345:respawn:/sbin/getty tty1\n",
  });
  expect(tree.text("etc/inittab")).toBe(
    "id:2:initdefault:\nbsfb:2345:wait:/usr/lib/boardsmith/firstboot </dev/console >/dev/console 2>&1\n1:2345:respawn:/sbin/getty tty1\n",
  );
});

it("an init that is none, or one nobody knows", () => {
  const { "usr/sbin/init": _init, ...none } = SYSTEMD;
  expect(run(none).says.mistakes).toEqual([
    "the rootfs has no init (/sbin/init, /etc/init or /bin/init) (add systemd-sysv or busybox to rootfs.packages)",
  ]);
  expect(initOf(treeOf({ "sbin/init": { flag: "1", link: "./bin/busybox" }, "bin/busybox": "ELF" }))).toBe("busybox");
  const { "etc/inittab": _tab, ...procd } = BUSYBOX;
  expect(run({ ...procd, "sbin/init": { mode: 0o755, content: "ELF" } }).says.mistakes).toEqual([
    "the rootfs's init is none that boardsmith can hook firstboot into (systemd, busybox and sysvinit are)",
  ]);
});

describe("modules", () => {
  it("of another version in the rootfs are said, and wrong ones alone are refused", () => {
    const old = { ...BUSYBOX, "lib/modules/5.10/modules.dep": "" };
    expect(run(old, { users: [ADA] }).says.notes).toEqual([
      "the rootfs also has modules of 5.10, which this kernel does not load",
    ]);
    expect(run(old, { users: [ADA], modules: memory(tarOf({ "/": {} })) }).says.mistakes).toEqual([
      "the kernel calls itself 6.12.107, the rootfs has modules of 5.10",
    ]);
    expect(run(BUSYBOX, { users: [ADA], modules: memory(tarOf({ "/": {} })) }).says).toEqual(NONE);
  });
});

describe("overlays", () => {
  const tar = tarOf({
    "etc/": { mode: 0o700 },
    "etc/app/": {},
    "etc/app/run": { mode: 0o755, content: "#!\n" },
    "lib/thing": "t",
    "etc/link": { link: "app" },
  });
  const over = { shown: "overlay/", to: "/", uid: 7, gid: 8, content: { tar: memory(tar) } };

  it("lie over the rootfs with their owner and mode, and leave folders that are there alone", () => {
    const { tree, says } = run(SYSTEMD, { users: [ADA], overlays: [{ ...over, mode: 0o640 }] });
    expect(says).toEqual(NONE);
    expect(newIn(SYSTEMD, tree).filter((line) => line.includes("7/8"))).toEqual([
      "drwxr-x--- 7/8 ./etc/app/",
      "-rw-r----- 7/8 ./etc/app/run",
      "-rw-r----- 7/8 ./usr/lib/thing",
      "lrwxrwxrwx 7/8 ./etc/link -> app",
    ]);
    expect(tree.get("etc")?.mode).toBe(0o755);
    expect(tree.get("etc/app/run")?.mtime).toBe(EPOCH);
  });

  it("keep modes of their own, go where they are told, and may be one file", () => {
    const file = { ...over, to: "/opt", content: { file: memory(Buffer.from("hi")), name: "note" } };
    const { tree } = run(SYSTEMD, { users: [ADA], overlays: [{ ...over, to: "/srv/deep" }, file] });
    expect(newIn(SYSTEMD, tree).filter((line) => /srv|opt/.test(line))).toEqual([
      "drwxr-xr-x 0/0 ./srv/",
      "drwxr-xr-x 0/0 ./srv/deep/",
      "drwx------ 7/8 ./srv/deep/etc/",
      "drwxr-xr-x 7/8 ./srv/deep/etc/app/",
      "-rwxr-xr-x 7/8 ./srv/deep/etc/app/run",
      "drwxr-xr-x 0/0 ./srv/deep/lib/",
      "-rw-r--r-- 7/8 ./srv/deep/lib/thing",
      "lrwxrwxrwx 7/8 ./srv/deep/etc/link -> app",
      "drwxr-xr-x 0/0 ./opt/",
      "-rw-r--r-- 7/8 ./opt/note",
    ]);
    expect(tree.text("opt/note")).toBe("hi");
  });

  it("that put a file where a folder is, or the other way round, are refused", () => {
    const content = { tar: memory(tarOf({ "usr/bin": "x", "etc/passwd/": {} })) };
    expect(run(SYSTEMD, { users: [ADA], overlays: [{ ...over, content }] }).says.mistakes).toEqual([
      "overlay overlay/: /usr/bin is a folder in the rootfs and a file in the overlay",
      "overlay overlay/: /etc/passwd is a file in the rootfs and a folder in the overlay",
    ]);
  });
});

describe("names and regions", () => {
  it("the host's name replaces an old one in hosts", () => {
    const tree = treeOf({
      "etc/hosts": "127.0.0.1\tlocalhost\n127.0.1.1\told\n::1\tlocalhost\n",
      "etc/hostname": { link: "/proc/x" },
    });
    hostname(tree, "gate.example.org");
    expect(tree.text("etc/hostname")).toBe("gate.example.org\n");
    expect(tree.text("etc/hosts")).toBe("127.0.0.1\tlocalhost\n127.0.1.1\tgate.example.org gate\n::1\tlocalhost\n");
  });

  it("a locale is set where Debian and systemd look, and a missing one said", () => {
    const tree = treeOf({ ...SYSTEMD, "usr/lib/locale/locale-archive": Buffer.from("xx\0en_US.utf8\0yy").toString() });
    expect(found((f) => locale(tree, "en_US.UTF-8", f))).toEqual(NONE);
    expect(tree.get("etc/default/locale", "keep")?.link).toBe("../locale.conf");
    expect(tree.text("etc/default/locale")).toBe("LANG=en_US.UTF-8\n");
    expect(found((f) => locale(tree, "de_DE.UTF-8", f)).notes).toEqual([
      "warning: locale de_DE.UTF-8 is not in the rootfs, so programs fall back to C",
    ]);
  });

  it("a time zone must be there", () => {
    const tree = treeOf({ ...SYSTEMD, "usr/share/zoneinfo/Europe/Berlin": "TZif", "usr/share/zoneinfo/tzdata.zi": "" });
    expect(found((f) => timezone(tree, "Europe/Berlin", f))).toEqual(NONE);
    expect(tree.get("etc/localtime", "keep")?.link).toBe("/usr/share/zoneinfo/Europe/Berlin");
    expect(tree.text("etc/timezone")).toBe("Europe/Berlin\n");
    expect(found((f) => timezone(tree, "Europe/Berln", f)).mistakes).toEqual([
      'timezone Europe/Berln: the rootfs has no such zone (did you mean "Europe/Berlin"?)',
    ]);
    expect(found((f) => timezone(treeOf(BUSYBOX), "UTC", f))).toEqual(NONE);
  });

  it("a keymap is set, and said to be in vain without its tools", () => {
    const tree = treeOf(SYSTEMD);
    expect(found((f) => keymap(tree, "de-nodeadkeys", f)).notes).toEqual([
      "warning: keymap de-nodeadkeys has no effect: the rootfs has no loadkeys (kbd; on Debian console-setup, too)",
    ]);
    expect(tree.text("etc/vconsole.conf")).toBe("KEYMAP=de-nodeadkeys\n");
    expect(tree.text("etc/default/keyboard")).toContain('XKBLAYOUT="de"\nXKBVARIANT="nodeadkeys"\n');
  });
});

describe("an interface that the root filesystem comes through", () => {
  it("keeps what the kernel gave it under systemd-networkd", () => {
    const tree = treeOf(SYSTEMD);
    found((f) => network(tree, [DHCP, { ...DHCP, interface: "eth1" }], f, "eth0"));
    expect(tree.text("etc/systemd/network/10-eth0.network")).toBe(
      "[Match]\nName=eth0\n\n[Network]\nDHCP=yes\nKeepConfiguration=yes\n",
    );
    expect(tree.text("etc/systemd/network/10-eth1.network")).toBe("[Match]\nName=eth1\n\n[Network]\nDHCP=yes\n");
  });

  it("is left alone by ifup, which needs no DHCP client for it", () => {
    const { "sbin/udhcpc": _, ...bare } = BUSYBOX;
    const tree = treeOf(bare);
    expect(found((f) => network(tree, [DHCP], f, "eth0")).mistakes).toEqual([]);
    expect(tree.text("etc/network/interfaces")).toBe(
      "auto lo\niface lo inet loopback\n\nauto eth0\niface eth0 inet manual\n",
    );
  });
});

describe("a network with fixed addresses", () => {
  const fixed = { interface: "end0", dhcp: false, address: "192.0.2.10/26", gateway: "192.0.2.1", dns: ["192.0.2.53"] };

  it("by systemd-networkd", () => {
    const tree = treeOf(SYSTEMD);
    expect(found((f) => network(tree, [fixed], f)).mistakes).toEqual([]);
    expect(tree.text("etc/systemd/network/10-end0.network")).toBe(
      "[Match]\nName=end0\n\n[Network]\nDHCP=no\nAddress=192.0.2.10/26\nGateway=192.0.2.1\nDNS=192.0.2.53\n",
    );
    expect(tree.text("etc/resolv.conf")).toBe("nameserver 192.0.2.53\n");
  });

  it("on a bridge, whose ports keep their names and have no address", () => {
    const bridged = { ...fixed, interface: "br0", bridge: ["eth0"] };
    const tree = treeOf(SYSTEMD);
    expect(found((f) => network(tree, [bridged], f)).mistakes).toEqual([]);
    const at = "etc/systemd/network/10-";
    expect(tree.text(`${at}br0.netdev`)).toBe("[NetDev]\nName=br0\nKind=bridge\n");
    expect(tree.text(`${at}br0.network`)).toContain("[Match]\nName=br0\n\n[Network]\nDHCP=no\nAddress=192.0.2.10/26\n");
    expect(tree.text(`${at}eth0.network`)).toBe("[Match]\nName=eth0\n\n[Network]\nBridge=br0\n");
    expect(tree.text(`${at}eth0.link`)).toContain("NamePolicy=kernel\n");
  });

  it("on a bridge by ifup, which makes it with brctl", () => {
    const bridged = { ...fixed, interface: "br0", bridge: ["eth0"] };
    const tree = treeOf({ ...BUSYBOX, "usr/sbin/brctl": { link: "../../bin/busybox" } });
    expect(found((f) => network(tree, [bridged], f)).mistakes).toEqual([]);
    expect(tree.text("etc/network/interfaces")).toContain(
      "auto br0\niface br0 inet static\n  pre-up brctl addbr br0\n  pre-up brctl addif br0 eth0 && ip link set eth0 up\n  address 192.0.2.10\n",
    );
    expect(found((f) => network(treeOf(BUSYBOX), [bridged], f)).mistakes).toEqual([
      "network: the rootfs has no brctl to make br0 with",
    ]);
  });

  it("by ifup, which wants a mask and, for DHCP, a client", () => {
    const { "sbin/udhcpc": _client, ...less } = BUSYBOX;
    const tree = treeOf(less);
    expect(found((f) => network(tree, [fixed, DHCP], f)).mistakes).toEqual([
      "network: end0, eth0 by ifup with DHCP, and the rootfs has no DHCP client",
    ]);
    expect(tree.text("etc/network/interfaces")).toBe(
      "auto lo\niface lo inet loopback\n\nauto end0\niface end0 inet static\n  address 192.0.2.10\n  netmask 255.255.255.192\n  gateway 192.0.2.1\n\nauto eth0\niface eth0 inet dhcp\n",
    );
  });
});
