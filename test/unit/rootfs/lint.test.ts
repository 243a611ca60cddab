import { describe, expect, it } from "vitest";
import { lint } from "../../../src/rootfs/lint/lint.js";
import type { LintSubject } from "../../../src/rootfs/lint/subject.js";
import { type Member, treeOf } from "./rig.js";

type Members = { readonly [path: string]: Member | string };

const ELF: Member = { mode: 0o755, content: "\x7fELF" };
const AT = "usr/lib/systemd/system";
const WANTS = "etc/systemd/system/multi-user.target.wants";

/** A Debian rootfs with nothing to find in it. */
const DEBIAN: Members = {
  "/": {},
  "usr/bin/": {},
  "usr/sbin/": {},
  bin: { link: "usr/bin" },
  sbin: { link: "usr/sbin" },
  lib: { link: "usr/lib" },
  "usr/lib/systemd/systemd": ELF,
  "usr/lib/systemd/system-generators/systemd-getty-generator": ELF,
  "usr/sbin/init": { link: "../lib/systemd/systemd" },
  "usr/sbin/agetty": ELF,
  "usr/bin/login": ELF,
  "usr/bin/su": { ...ELF, mode: 0o4755 },
  [`${AT}/serial-getty@.service`]: "[Service]\nExecStart=-/sbin/agetty -o '-- \\\\u' - $TERM\n",
  "usr/lib/modules/6.12.107/modules.dep": "",
  "etc/machine-id": "",
  "etc/passwd": "root:x:0:0:root:/root:/bin/bash\n",
  "etc/shadow": { mode: 0o640, content: "root:*:19675:0:99999:7:::\nada:$y$j9T$salt$hash:19675:0:99999:7:::\n" },
  "etc/fstab":
    "# the card\nPARTUUID=0BADCAFE-01 /boot vfat defaults,nofail 0 0\nPARTUUID=0badcafe-02 / ext4 defaults 0 1\nproc /proc proc defaults 0 0\n",
  "var/lib/dpkg/status": "Package: util-linux\n",
  "var/lib/dpkg/info/login.list": "/.\n/bin\n/bin/su\n",
};
const BUSYBOX: Members = {
  "bin/busybox": ELF,
  "bin/login": { link: "busybox" },
  "sbin/init": { link: "../bin/busybox" },
  "sbin/getty": { link: "../bin/busybox" },
  "etc/init.d/rcS": { mode: 0o755, content: "#!/bin/busybox sh\n" },
  "etc/inittab": "# all\n::sysinit:/etc/init.d/rcS\nttyS0::respawn:/sbin/getty -L ttyS0 115200 vt100\n",
  "etc/fstab": "LABEL=BOOT /boot vfat defaults 0 0\n/dev/mmcblk0p2 / ext4 defaults 0 1\n",
};

const CARD: Omit<LintSubject, "tree"> = {
  filesystems: [
    { number: 1, name: "boot", type: "fat32", label: "BOOT", uuid: "DEAD-BEEF", partuuid: "0badcafe-01" },
    {
      number: 2,
      name: "root",
      type: "ext4",
      label: "root fs",
      uuid: "00112233-4455-5667-8899-aabbccddeeff",
      partuuid: "0badcafe-02",
    },
  ],
  table: "mbr",
  volumes: false,
  console: "ttyS0",
  serialLogin: true,
  release: "6.12.107",
  firstBootHelps: true,
  dns: ["192.0.2.53"],
};

/** What is found in a tree, as `code about: message (help)`; warnings begin with `warning`. A path set to undefined is left out. */
function findings(
  base: Members,
  more: { readonly [path: string]: Member | string | undefined } = {},
  card: Partial<LintSubject> = {},
): string[] {
  const members = Object.fromEntries(
    Object.entries({ ...base, ...more }).filter((one): one is [string, Member | string] => one[1] !== undefined),
  );
  return lint({ ...CARD, ...card, tree: treeOf(members) }, []).findings.map(
    ({ severity, code, about, message, help }) =>
      `${severity === "warning" ? "warning " : ""}${code} ${about}: ${message} (${help})`,
  );
}

it("finds nothing in a rootfs that is as it should be", () => {
  expect(findings(DEBIAN)).toEqual([]);
  expect(findings(BUSYBOX)).toEqual([]);
});

describe("fstab", () => {
  const fstab = (...lines: string[]) => findings(DEBIAN, { "etc/fstab": `${lines.join("\n")}\n`, swapfile: "" });
  const HAS = "it has LABEL=BOOT, LABEL=root fs; a drive that may be missing takes the option nofail";

  it("may call the image's filesystems by every name they have, with escapes", () => {
    expect(
      fstab(
        "LABEL=root\\040fs / ext4 defaults 0 1",
        "UUID=dead-beef /boot vfat ro 0 0",
        "/dev/disk/by-uuid/00112233-4455-5667-8899-aabbccddeeff /a auto ro",
        "/dev/disk/by-partuuid/0badcafe-01 /b vfat",
        "/dev/mmcblk1p2 /c ext4",
        "/swapfile none swap sw 0 0",
        "tmpfs /tmp tmpfs size=10m 0 0",
        "/srv /mnt none bind 0 0",
        "//nas/share /mnt/nas cifs guest 0 0",
        "/dev/sda1 /media/stick vfat nofail 0 0",
      ),
    ).toEqual([]);
  });

  it("names nothing that the image does not have", () => {
    expect(
      fstab(
        "LABEL=ROOT / ext4 defaults 0 1",
        "/dev/mmcblk0p3 /data ext4",
        "/dev/sda1 /media/disk ext4",
        "PARTLABEL=root /gpt ext4",
        "/dev/mapper/vg-data /vg ext4",
        "/swap none swap sw 0 0",
      ),
    ).toEqual([
      `fstab-device LABEL=ROOT: fstab mounts LABEL=ROOT on /, and the image has no such thing (${HAS})`,
      `fstab-device /dev/mmcblk0p3: fstab mounts /dev/mmcblk0p3 on /data, and the image has no such thing (${HAS})`,
      `fstab-device /dev/sda1: fstab mounts /dev/sda1 on /media/disk, and the image has no such thing (${HAS})`,
      `fstab-device PARTLABEL=root: fstab mounts PARTLABEL=root on /gpt, and the image has no such thing (${HAS})`,
      `fstab-device /dev/mapper/vg-data: fstab mounts /dev/mapper/vg-data on /vg, and the image has no such thing (${HAS})`,
      `fstab-device /swap: fstab mounts /swap as swap, and the image has no such thing (${HAS})`,
    ]);
  });

  it("mounts each as what it is", () => {
    expect(fstab("LABEL=BOOT /boot ext4 defaults 0 0")).toEqual([
      "fstab-type LABEL=BOOT: fstab mounts LABEL=BOOT on /boot as ext4, and the image has fat32 there (write vfat)",
    ]);
  });

  it("may name volumes where the layout has groups, and the rootfs then needs lvm2", () => {
    const lines = { "etc/fstab": "/dev/mapper/vg-data /data ext4\n/dev/vg/home /home ext4\n" };
    expect(findings(DEBIAN, { ...lines, "usr/sbin/lvm": ELF }, { volumes: true })).toEqual([]);
    expect(findings(DEBIAN, lines, { volumes: true })).toEqual([
      "lvm2-missing lvm2: the image has volume groups, and the rootfs has no lvm2 to bring them up (add lvm2 to rootfs.packages)",
    ]);
  });
});

describe("NFS in fstab", () => {
  const LINE = { "etc/fstab": "nas:/export /srv nfs rw 0 0\n" };
  const CLIENT: Members = {
    "usr/sbin/mount.nfs": ELF,
    "usr/sbin/start-statd": ELF,
    [`${AT}/rpc-statd.service`]: "[Service]\nExecStart=/sbin/rpc.statd\n",
    [`${AT}/rpcbind.socket`]: "[Socket]\nListenStream=/run/rpcbind.sock\n",
    [`${AT}/rpcbind.service`]: "[Service]\nExecStart=/sbin/rpcbind -w\n",
    "usr/sbin/rpcbind": ELF,
  };
  const ENABLED = { "etc/systemd/system/sockets.target.wants/rpcbind.socket": { link: `/${AT}/rpcbind.socket` } };
  const LOCKS = ", or mount with vers=4.2, or with nolock where nothing locks";
  const ENABLE = `add rpcbind.socket to provision.units.enable${LOCKS}`;

  it("fails without its services, and without its tools, naming what to enable", () => {
    const by = "fstab line 1 mounts nas:/export on /srv by NFS, and the rootfs has";
    expect(findings(DEBIAN, { ...LINE, ...CLIENT })).toEqual([
      `nfs-services nas:/export: ${by} no rpcbind enabled (${ENABLE})`,
    ]);
    expect(findings(DEBIAN, LINE)).toEqual([
      `nfs-services nas:/export: ${by} no mount.nfs, no rpcbind enabled, no rpc-statd that anything starts (add nfs-common and rpcbind to rootfs.packages and rpcbind.socket to provision.units.enable${LOCKS})`,
    ]);
    const masked = { "etc/systemd/system/rpc-statd.service": { link: "/dev/null" } };
    expect(findings(DEBIAN, { ...LINE, ...CLIENT, ...ENABLED, ...masked })).toEqual([
      `nfs-services nas:/export: ${by} no rpc-statd that anything starts (add rpcbind.socket and rpc-statd.service to provision.units.enable${LOCKS})`,
    ]);
  });

  it("of version 4 alone needs no more than the program", () => {
    const four = { "etc/fstab": "# hand-written\nnas:/export /srv nfs rw,v4.1 0 0\n" };
    expect(findings(DEBIAN, four)).toEqual([
      "nfs-services nas:/export: fstab line 2 mounts nas:/export on /srv by NFS, and the rootfs has no mount.nfs (add nfs-common to rootfs.packages)",
    ]);
    expect(findings(DEBIAN, { ...four, "usr/sbin/mount.nfs": ELF })).toEqual([]);
  });

  it("is content with both, with version 4, without locks, and when it is mounted by hand", () => {
    expect(findings(DEBIAN, { ...LINE, ...CLIENT, ...ENABLED })).toEqual([]);
    for (const options of ["vers=4.2", "rw,nolock", "noauto"]) {
      expect(findings(DEBIAN, { ...CLIENT, "etc/fstab": `nas:/export /srv nfs ${options} 0 0\n` })).toEqual([]);
    }
    const four = { "etc/fstab": "nas:/export /srv nfs4 rw 0 0\n", "usr/sbin/mount.nfs4": ELF };
    expect(findings(DEBIAN, four)).toEqual([]);
  });

  it("under busybox works without locks only, under sysvinit by runlevels", () => {
    expect(findings(BUSYBOX, LINE)).toEqual([
      "nfs-services nas:/export: fstab line 1 mounts nas:/export on /srv by NFS, and the rootfs has no rpcbind started by any runlevel, no statd started by any runlevel (busybox has no statd: mount with nolock, or with vers=4.2)",
    ]);
    const sysvinit = { ...BUSYBOX, ...LINE, "sbin/init": ELF, "sbin/mount.nfs": ELF };
    expect(findings(sysvinit)).toEqual([
      "nfs-services nas:/export: fstab line 1 mounts nas:/export on /srv by NFS, and the rootfs has no rpcbind started by any runlevel, no statd started by any runlevel (start rpcbind and statd, or mount with vers=4.2, or with nolock where nothing locks)",
    ]);
    const scripts = { "etc/rcS.d/S12rpcbind": { link: "../init.d/rpcbind" }, "etc/rc2.d/S15nfs-common": { link: "x" } };
    expect(findings(sysvinit, scripts)).toEqual([]);
  });
});

describe("units that are enabled", () => {
  const unit = (text: string, more: Members = {}) =>
    findings(DEBIAN, {
      [`${AT}/app.service`]: text,
      [`${WANTS}/app.service`]: { link: `/${AT}/app.service` },
      ...more,
    });
  const BY = `app.service is enabled by /${WANTS}/app.service`;
  const HELP = "bring the program in by its package or an overlay, or disable the unit by provision.units.disable";

  it("have their programs", () => {
    expect(unit("[Service]\nExecStart=/opt/app --run\n")).toEqual([
      `unit-program app.service: ${BY}, and /opt/app is not there (${HELP})`,
    ]);
    expect(unit("[Service]\nExecStart=!!/opt/app\n", { "opt/app": { mode: 0o644, content: "ELF" } })).toEqual([
      `unit-program app.service: ${BY}, and /opt/app is not executable (${HELP})`,
    ]);
    const script = { "opt/app": { mode: 0o755, content: "#!/usr/bin/perl -w\n" } };
    expect(unit("[Service]\nExecStart=/opt/app\n", script)).toEqual([
      `unit-program app.service: ${BY}, and /opt/app is a script for /usr/bin/perl, which is not there (${HELP})`,
    ]);
    expect(unit("[Service]\nExecStart=frobnicate\nExecStartPre=login\n")).toEqual([
      `unit-program app.service: ${BY}, and frobnicate is not there (${HELP})`,
    ]);
  });

  it("may fail where they say so, may be off by a condition, and may run from elsewhere", () => {
    expect(unit("[Service]\nExecStart=-/opt/app\n")).toEqual([]);
    expect(unit("[Unit]\nConditionPathExists=/etc/app.conf\n[Service]\nExecStart=/opt/app\n")).toEqual([]);
    expect(unit("[Unit]\nConditionPathExists=!/etc/passwd\n[Service]\nExecStart=/opt/app\n")).toEqual([]);
    expect(unit("[Service]\nExecStart=/run/app\n")).toEqual([]);
    expect(unit("[Service]\nRootDirectory=/srv\nExecStart=/opt/app\n")).toEqual([]);
    expect(unit("[Service]\nExecStart=/data/app\n", { "etc/fstab": "LABEL=BOOT /data vfat\n" })).toEqual([]);
  });

  it("are judged when their conditions hold, or may hold", () => {
    const missing = [`unit-program app.service: ${BY}, and /opt/app is not there (${HELP})`];
    const with_ = (condition: string) => unit(`[Unit]\n${condition}\n[Service]\nExecStart=/opt/app\n`);
    expect(with_("ConditionPathExists=/etc/passwd")).toEqual(missing);
    expect(with_("ConditionPathExists=!/var/lib/asked")).toEqual(missing);
    expect(with_("ConditionPathExists=/sys/class/gpio")).toEqual(missing);
    expect(with_("ConditionPathExists=|/nothing\nConditionPathExists=|/etc/passwd")).toEqual(missing);
    expect(with_("ConditionPathExists=|/nothing\nConditionPathExists=|/none")).toEqual([]);
  });

  it("are read with their drop-ins, instances with their template", () => {
    const fixed = { "etc/systemd/system/app.service.d/fix.conf": "[Service]\nExecStart=\nExecStart=/bin/login\n" };
    expect(unit("[Service]\nExecStart=/opt/app\n", fixed)).toEqual([]);
    const instance: Members = {
      [`${AT}/job@.service`]: "[Service]\nExecStart=/opt/%i/run\n",
      [`${WANTS}/job@mail.service`]: { link: `/${AT}/job@.service` },
    };
    expect(findings(DEBIAN, instance)).toEqual([
      `unit-program job@mail.service: job@mail.service is enabled by /${WANTS}/job@mail.service, and /opt/mail/run is not there (${HELP})`,
    ]);
    expect(findings(DEBIAN, { ...instance, "opt/mail/run": ELF })).toEqual([]);
  });

  it("start services that are there", () => {
    expect(findings(DEBIAN, { [`${WANTS}/gone.service`]: { link: `/${AT}/gone.service` } })).toEqual([
      `unit-missing gone.service: gone.service is enabled by /${WANTS}/gone.service, and there is no such unit (remove the link, or bring the unit's file in by its package or an overlay)`,
    ]);
    expect(findings(DEBIAN, { [`${WANTS}/srv.mount`]: { link: "/run/systemd/generator/srv.mount" } })).toEqual([]);
    const timer = { [`${AT}/tidy.timer`]: "[Timer]\n", [`${WANTS}/tidy.timer`]: { link: `/${AT}/tidy.timer` } };
    expect(findings(DEBIAN, timer)).toEqual([
      "unit-missing tidy.timer: tidy.timer is enabled and starts tidy.service, and there is no such unit (bring the unit's file in by its package or an overlay, or disable what starts it)",
    ]);
    const each = {
      [`${AT}/echo.socket`]: "[Socket]\nAccept=yes\n",
      [`${WANTS}/echo.socket`]: { link: `/${AT}/echo.socket` },
      [`${AT}/echo@.service`]: "[Service]\nExecStart=/bin/login\n",
    };
    expect(findings(DEBIAN, each)).toEqual([]);
    const masked = { ...timer, "etc/systemd/system/tidy.timer": { link: "/dev/null" } };
    expect(findings(DEBIAN, masked)).toEqual([]);
  });
});

it("inittab's programs are there", () => {
  const tab =
    "::sysinit:/etc/init.d/rcS\n::once:-/opt/app\n#x::once:/none\nttyS0::askfirst:-/bin/busybox\n::shutdown:/none\n";
  expect(findings(BUSYBOX, { "etc/inittab": tab })).toEqual([
    'init-program /opt/app: /etc/inittab starts "-/opt/app", and /opt/app is not there (bring the program in by its package or an overlay, or take the line out by an overlay)',
  ]);
});

describe("a first boot that asks nothing", () => {
  const NOBODY = { "etc/shadow": { mode: 0o640, content: "root:*:19675:0:99999:7:::\n" } };
  const found = (more: Members) => findings(DEBIAN, { ...NOBODY, ...more }, { firstBootHelps: false });

  it("leaves a board that nobody can log in to", () => {
    expect(found({})).toEqual([
      "warning no-login root: nobody can log in: no account has a password or an SSH key, and `firstboot: none` asks for neither (name a user with a password-hash or ssh-keys in provision.users, or use `firstboot: password`)",
    ]);
    expect(findings(DEBIAN, NOBODY)).toEqual([]);
  });

  it("is right where an account opens, by the recipe or an overlay", () => {
    expect(findings(DEBIAN, {}, { firstBootHelps: false })).toEqual([]);
    expect(found({ "root/.ssh/authorized_keys": "ssh-ed25519 AAAA ada\n" })).toEqual([]);
  });
});

describe("a login on the serial console, where the proof waits for one", () => {
  const HELP =
    "Debian has agetty in util-linux and login in login: add them to rootfs.packages; or set proof.enabled: false";
  const told = (why: string) => [
    `serial-login ttyS0: nobody can log in on ttyS0, where the boot proof waits for a login: ${why} (${HELP})`,
  ];

  it.each([
    [{ [`${AT}/serial-getty@.service`]: undefined }, "there is no serial-getty@ttyS0.service"],
    [
      { "etc/systemd/system/serial-getty@ttyS0.service": { link: "/dev/null" } },
      "serial-getty@ttyS0.service is masked",
    ],
    [
      { "usr/lib/systemd/system-generators/systemd-getty-generator": undefined },
      "nothing starts serial-getty@ttyS0.service",
    ],
    [{ "usr/sbin/agetty": undefined }, "/sbin/agetty is not there"],
    [{ "usr/bin/login": undefined }, "/bin/login is not there"],
  ])("%j", (more, why) => {
    expect(findings(DEBIAN, more)).toEqual(told(why));
    expect(findings(DEBIAN, more, { serialLogin: false })).toEqual([]);
  });

  it("by inittab", () => {
    const help = "give the rootfs a getty on the console and a login, or set proof.enabled: false";
    expect(findings(BUSYBOX, { "etc/inittab": "tty1::respawn:/sbin/getty tty1\n" })).toEqual([
      `serial-login ttyS0: nobody can log in on ttyS0, where the boot proof waits for a login: /etc/inittab starts nothing there (${help})`,
    ]);
    expect(findings(BUSYBOX, { "bin/login": undefined })).toEqual([
      `serial-login ttyS0: nobody can log in on ttyS0, where the boot proof waits for a login: /bin/login is not there (${help})`,
    ]);
  });
});

it("no board's identity comes with the image", () => {
  const id = "0123456789abcdef0123456789abcdef";
  expect(
    findings(DEBIAN, {
      "etc/ssh/ssh_host_rsa_key": "k",
      "etc/ssh/ssh_host_rsa_key.pub": "p",
      "etc/machine-id": `${id}\n`,
    }),
  ).toEqual([
    "ssh-host-key /etc/ssh/ssh_host_rsa_key: /etc/ssh/ssh_host_rsa_key is a private host key: every board of this image would have the same (take it out of the overlay; the first boot makes keys of the board's own)",
    `machine-id /etc/machine-id: /etc/machine-id holds ${id}: every board of this image would be the same machine to DHCP and the journal (leave it empty (take it out of the overlay); systemd fills it at the first boot)`,
  ]);
  expect(findings(DEBIAN, { "etc/machine-id": "uninitialized\n" })).toEqual([]);
  expect(findings(BUSYBOX, { "etc/dropbear/dropbear_ed25519_host_key": "k" })).toEqual([
    "ssh-host-key /etc/dropbear/dropbear_ed25519_host_key: /etc/dropbear/dropbear_ed25519_host_key is a private host key: every board of this image would have the same (take it out of the overlay; the first boot makes keys of the board's own)",
  ]);
});

it("no password is empty, in clear, weak or readable", () => {
  const OVERLAY = "boardsmith locks what it does not set, so an overlay brought it; give a hash by provision.users";
  expect(
    findings(DEBIAN, {
      "etc/passwd": "root::0:0:::\nada:x:1:1:::\neve:$6$salt$hash:2:2:::\n",
      "etc/shadow": {
        mode: 0o644,
        content:
          "root:!:1:0:9:7:::\nada::1:0:9:7:::\nbob:secret:1:0:9:7:::\nsix:$1$salt$abcdefghij:1:0:9:7:::\ndes:abcdefghijklm:1::::::\n",
      },
    }),
  ).toEqual([
    `empty-password root: root has an empty password in /etc/passwd: everybody can log in as root (${OVERLAY})`,
    "bare-password eve: the password hash of eve stands in /etc/passwd, which every user reads (put x there and the hash into /etc/shadow, as provision.users does)",
    `empty-password ada: ada has an empty password in /etc/shadow: everybody can log in as ada (${OVERLAY})`,
    "bare-password bob: the password of bob in /etc/shadow is neither a hash nor locked: it stands there in clear (make a hash with `openssl passwd -6` or `mkpasswd`)",
    "weak-hash six: the password hash of six in /etc/shadow is of a kind that is broken in hours (DES, MD5 or SHA-1) (make a new one with `openssl passwd -6` or `mkpasswd`)",
    "weak-hash des: the password hash of des in /etc/shadow is of a kind that is broken in hours (DES, MD5 or SHA-1) (make a new one with `openssl passwd -6` or `mkpasswd`)",
    'shadow-readable /etc/shadow: /etc/shadow has mode 0644: every user can get at the password hashes (give it mode "0640" (an overlay has brought it with its own))',
  ]);
});

it("raised rights belong to packages", () => {
  const HELP = "take the rights away (an overlay's mode:), or accept it under lint.accept with the reason";
  const more: Members = {
    "usr/bin/tool": { ...ELF, mode: 0o6755, gid: 5 },
    "usr/bin/also": { flag: "1", link: "./usr/bin/tool", mode: 0o6755, gid: 5 },
    "usr/bin/net": { ...ELF, records: new Map([["SCHILY.xattr.security.capability", Buffer.from("x")]]) },
    "srv/shared/": { mode: 0o2775 },
    "srv/locked": { mode: 0o2644, content: "" },
  };
  expect(findings(DEBIAN, more)).toEqual([
    `setuid-unowned /usr/bin/tool: /usr/bin/tool runs as user 0 (setuid) and runs as group 5 (setgid), and no package owns it (${HELP})`,
    `setuid-unowned /usr/bin/also: /usr/bin/also runs as user 0 (setuid) and runs as group 5 (setgid), and no package owns it (${HELP})`,
    `setuid-unowned /usr/bin/net: /usr/bin/net has file capabilities, and no package owns it (${HELP})`,
  ]);
  // No package database, nothing to hold them against.
  expect(findings(BUSYBOX, more)).toEqual([]);
});

it("resolv.conf is the board's", () => {
  const conf = (content: Member | string, more: Members = {}) =>
    findings(DEBIAN, { ...more, "etc/resolv.conf": content });
  const HELP = "name servers in provision.network[].dns, or add systemd-resolved to rootfs.packages";
  const RESOLVED = { [`${AT}/systemd-resolved.service`]: "[Service]\n" };
  expect(conf("nameserver 192.0.2.53\n")).toEqual([]);
  expect(conf({ link: "../run/systemd/resolve/stub-resolv.conf" }, RESOLVED)).toEqual([]);
  expect(conf({ link: "/run/resolvconf/resolv.conf" })).toEqual([]);
  expect(conf("# Generated by Docker Engine.\nnameserver 127.0.0.11\n")).toEqual([
    `resolv-conf /etc/resolv.conf: /etc/resolv.conf is a build container's: its name servers answer nobody on the board (${HELP})`,
  ]);
  expect(conf("nameserver 127.0.0.53\n")).toEqual([
    `resolv-conf /etc/resolv.conf: /etc/resolv.conf asks systemd-resolved (127.0.0.53), which the rootfs does not have (${HELP})`,
  ]);
  expect(conf("nameserver 198.51.100.1\n")).toEqual([
    "warning resolv-conf /etc/resolv.conf: /etc/resolv.conf names 198.51.100.1, which the recipe does not (name it in provision.network[].dns when it is the board's; else it is the build machine's)",
  ]);
  expect(conf({ link: "../run/systemd/resolve/stub-resolv.conf" })).toEqual([
    `resolv-conf /etc/resolv.conf: /etc/resolv.conf is a link to ../run/systemd/resolve/stub-resolv.conf, and the rootfs has no systemd-resolved (${HELP})`,
  ]);
  expect(conf({ link: "/etc/nothing" })).toEqual([
    `resolv-conf /etc/resolv.conf: /etc/resolv.conf is a link to /etc/nothing, and nothing is there (${HELP})`,
  ]);
});

it("the kernel finds its modules", () => {
  expect(findings(DEBIAN, {}, { release: "6.13.0" })).toEqual([
    "modules-missing /lib/modules/6.13.0: the kernel calls itself 6.13.0, and /lib/modules has 6.12.107 alone: it would load none (modules of an overlay must be built for the recipe's kernel)",
  ]);
  expect(
    findings(DEBIAN, { "usr/lib/modules/6.12.107/modules.dep": undefined, "usr/lib/modules/6.12.107/a.ko": "" }),
  ).toEqual([
    "modules-missing /lib/modules/6.12.107: /lib/modules/6.12.107 has no modules.dep, so modprobe finds nothing in it (run depmod for it, or take the overlay's own modules.dep out of the way)",
  ]);
});

it("a recipe accepts findings by name, or one of them by what it is about; what is not there is told", () => {
  const members = { ...DEBIAN, "usr/bin/a": { ...ELF, mode: 0o4755 }, "usr/bin/b": { ...ELF, mode: 0o4755 } };
  const accept = [
    { finding: "setuid-unowned", about: "/usr/bin/a", reason: "our own mount tool" },
    { finding: "machine-id", reason: "none" },
  ] as const;
  const { findings: found, unused } = lint({ ...CARD, tree: treeOf(members) }, accept);
  expect(found.map(({ about, accepted }) => [about, accepted])).toEqual([
    ["/usr/bin/a", "our own mount tool"],
    ["/usr/bin/b", undefined],
  ]);
  expect(unused).toEqual([accept[1]]);
  const all = lint({ ...CARD, tree: treeOf(members) }, [{ finding: "setuid-unowned", reason: "known" }]);
  expect(all.findings.map(({ accepted }) => accepted)).toEqual(["known", "known"]);
});
