import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { StepFailed } from "../../src/diagnostic/failure.js";
import { ensureBinfmt } from "../../src/engine/binfmt.js";
import type { Engine } from "../../src/engine/engine.js";
import { lock } from "../../src/lock/lock.js";
import { lockedPins } from "../../src/recipe/lock-file.js";
import type { ProvisionSpec, RootfsSpec, SourceSpec, Spec } from "../../src/recipe/spec.js";
import { packagesSteps } from "../../src/steps/packages.js";
import { rootfsSteps } from "../../src/steps/rootfs.js";
import { sourceSteps } from "../../src/steps/source.js";
import { BUILD, FETCH, IMAGE } from "../../src/steps/tools.js";
import { digestFile } from "../../src/store/digest.js";
import { type OpenStore, openStore } from "../../src/store/open.js";
import { ASSETS, cardSpec } from "../rig/card.js";
import { engineWith } from "../rig/op-run.js";
import { insideRootfs, KERNEL, runSteps } from "../rig/rootfs-run.js";
import { tarOf } from "../unit/rootfs/rig.js";

const folder = mkdtempSync(join(tmpdir(), "boardsmith-rootfs-"));
const signal = new AbortController().signal;
let engine: Engine;
let store: OpenStore;

beforeAll(async () => {
  await ensureBinfmt("armhf", () => {});
  engine = await engineWith(FETCH, IMAGE, BUILD);
  store = await openStore(join(folder, "store"));
});
afterAll(async () => {
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

const RELEASE = "6.12.107";
interface Made {
  /** Paths of the bare and of the provisioned tar. */
  readonly rootfs: string;
  readonly final: string;
  readonly packages: string;
  readonly lines: readonly string[];
}

async function make(
  rootfs: RootfsSpec,
  more: { readonly provision?: Partial<ProvisionSpec>; readonly sources?: { [name: string]: SourceSpec } } = {},
): Promise<Made> {
  const base = cardSpec();
  const spec: Spec = {
    ...base,
    rootfs,
    sources: more.sources ?? {},
    provision: { ...base.provision, ...more.provision },
  };
  const place = { engine: async () => engine, store, signal, say: () => {}, assets: ASSETS, mirrors: [] };
  const locked = await lock(spec, { ...place, previous: undefined, update: false });
  const { pins } = lockedPins(spec, locked.lock);
  const steps = [
    KERNEL,
    ...sourceSteps(spec, pins, ASSETS, []),
    ...packagesSteps(spec, pins, ASSETS),
    ...rootfsSteps(spec, pins, ASSETS),
  ];
  const { path, lines } = await runSteps(steps, { engine, store, stateDir: join(folder, "state"), signal });
  return {
    rootfs: path("rootfs", "rootfs"),
    final: path("provision", "rootfs"),
    packages: path("rootfs", "packages"),
    lines,
  };
}

const inside = (tar: string, script: string) => insideRootfs(engine, IMAGE, tar, script);

function names(tar: string): readonly string[] {
  return execFileSync("tar", ["-tf", tar], { encoding: "utf8", maxBuffer: 1 << 26 })
    .trimEnd()
    .split("\n");
}

function text(tar: string, name: string): string {
  return execFileSync("tar", ["-xOf", tar, name], { encoding: "utf8" });
}

/** The dialog of a first boot, with an empty password and a mismatch on the way, and what it left. */
const DIALOG =
  "printf '\\none\\ntwo\\nsecret\\nsecret\\n' | chroot /work/root /bin/sh /usr/lib/boardsmith/firstboot 2>/dev/null;" +
  "sed -n 's/^root:\\(\\$[^$]*\\$\\).*/\\1/p' /work/root/etc/shadow;" +
  "chroot /work/root /bin/sh /usr/lib/boardsmith/firstboot </dev/null; echo asked again: no";
const ANSWERS = [
  "",
  "boardsmith: set a password for root on this board",
  "New password: ",
  "boardsmith: an empty password will not do",
  "New password: ",
  "Repeat password: ",
  "boardsmith: the two differ",
  "New password: ",
  "Repeat password: ",
  "boardsmith: password set",
];

describe("a Debian rootfs from locked packages", () => {
  const rootfs: RootfsSpec = {
    kind: "distro",
    distro: "debian",
    suite: "trixie",
    arch: "armhf",
    packages: [
      "systemd-sysv",
      "udev",
      "openssh-server",
      "passwd",
      "fdisk",
      "e2fsprogs",
      "iputils-ping",
      "nfs-kernel-server",
    ],
    recommends: false,
  };
  const provision: Partial<ProvisionSpec> = {
    grow: true,
    network: [{ interface: "eth0", dhcp: true, dns: [] }],
    timezone: "UTC",
    nfs: {
      mounts: [{ server: "nas", path: "/music", at: "/srv/music", version: 3, options: [], required: false }],
      exports: [{ path: "/srv/data", clients: ["192.0.2.0/24"], options: ["ro"] }],
    },
  };
  let made: Made;
  beforeAll(async () => {
    made = await make(rootfs, { provision });
  });

  it("holds what the lock says and nothing of the machine it was made on", () => {
    const packages = readFileSync(made.packages, "utf8").trimEnd().split("\n");
    expect(packages.every((line) => /^\S+ \S+ (armhf|all)$/.test(line))).toBe(true);
    expect(packages.some((line) => line.startsWith("systemd-sysv "))).toBe(true);
    const odd = names(made.rootfs).filter((name) =>
      /ssh_host_|\.pyc$|\/\.native|x86_64|aux-cache|\.pwd\.lock|var\/lib\/apt\/lists\/.*_|var\/cache\/apt\/archives\/.*deb|var\/log\/.*\.log|etc\/hostname/.test(
        name,
      ),
    );
    expect(odd).toEqual([]);
    expect(text(made.rootfs, "./etc/shadow")).toMatch(/^root:\*:19675:/m);
    expect(text(made.rootfs, "./etc/machine-id")).toBe("");
  });

  it("is provisioned", async () => {
    expect(names(made.final)).toContain(`./usr/lib/modules/${RELEASE}/modules.dep`);
    expect(text(made.final, "./etc/hostname")).toBe("card\n");
    expect(made.lines).toContain("network: eth0 by systemd-networkd");
    const units = await inside(
      made.final,
      'systemctl() { chroot /work/root /usr/bin/systemctl --root=/ "$@" 2>/dev/null; };' +
        "for unit in boardsmith-firstboot boardsmith-grow boardsmith-ssh-keys systemd-networkd ssh remote-fs.target nfs-client.target rpcbind.socket nfs-server; do echo $unit $(systemctl is-enabled $unit); done;" +
        "chroot /work/root findmnt --tab-file /etc/fstab --raw --noheadings --output SOURCE,TARGET,FSTYPE,OPTIONS /srv/music; cat /work/root/etc/exports.d/*",
    );
    expect(units).toEqual([
      "boardsmith-firstboot enabled",
      "boardsmith-grow enabled",
      "boardsmith-ssh-keys enabled",
      "systemd-networkd enabled",
      "ssh enabled",
      "remote-fs.target enabled",
      "nfs-client.target enabled",
      "rpcbind.socket enabled",
      "nfs-server enabled",
      "nas:/music /srv/music nfs vers=3,_netdev,nofail",
      "/srv/data 192.0.2.0/24(ro)",
    ]);
  });

  it("asks for a password until it gets one, and never again", async () => {
    const said = await inside(made.final, DIALOG);
    expect(said).toEqual([...ANSWERS, "$y$", "asked again: no"]);
  });

  it("is the same bytes when it is made again", async () => {
    const before = [await digestFile(made.rootfs), await digestFile(made.final)];
    store = await openStore(join(folder, "again"));
    const again = await make(rootfs, { provision });
    expect([await digestFile(again.rootfs), await digestFile(again.final)]).toEqual(before);
  });
});

it("a busybox rootfs is static, locked, and asks for a password", async () => {
  const made = await make(
    { kind: "busybox", source: "busybox" },
    { sources: { busybox: { kind: "distro", package: "busybox" } } },
  );
  expect(text(made.final, "./etc/inittab")).toContain(
    "ttyS0::wait:/usr/lib/boardsmith/firstboot\nttyS0::respawn:/sbin/getty -L ttyS0 115200 vt100\n",
  );
  expect(text(made.final, "./etc/shadow")).toMatch(/^root:\*:/);
  const said = await inside(made.final, `chroot /work/root /bin/busybox uname -m; ${DIALOG}`);
  expect(said).toEqual(["armv7l", ...ANSWERS, "$6$", "asked again: no"]);
});

describe("a tarball", () => {
  const good = {
    "etc/": {},
    "etc/passwd": "root:x:0:0::/root:/bin/sh\n",
    "bin/busybox": { mode: 0o4755, uid: 3, content: "ELF" },
    "sbin/init": { link: "../bin/busybox" },
    "bin/chpasswd": { link: "busybox" },
    "etc/inittab": "",
    "dev/null": { flag: "3", major: 1, minor: 3 },
  };

  async function take(tar: Buffer, name: string): Promise<Made> {
    const path = join(folder, name);
    writeFileSync(path, tar);
    const local = { path, shown: name, kind: "file" as const, sha256: await digestFile(path) };
    return make({ kind: "tar", source: "old" }, { sources: { old: { kind: "path", local } } });
  }

  it.each(["gzip", "xz", "zstd", "bzip2", "cat"])("packed by %s keeps owners, modes and devices", async (tool) => {
    const made = await take(execFileSync(tool, { input: tarOf(good) }), `old.${tool}`);
    const listed = execFileSync("tar", ["--numeric-owner", "-tvf", made.final], { encoding: "utf8" });
    expect(listed).toMatch(/^-rwsr-xr-x 3\/0 .* \.\/bin\/busybox$/m);
    expect(listed).toMatch(/^crw-r--r-- 0\/0 +1,3 .* \.\/dev\/null$/m);
    expect(readFileSync(made.rootfs).equals(readFileSync((await take(tarOf(good), "plain")).rootfs))).toBe(true);
  });

  it.each([
    ["no tar", Buffer.from("what is this"), "rootfs: source old cannot be read as a tarball: this is no tar"],
    ["no /etc", tarOf({ "bin/sh": "x" }), "rootfs: source old has no /etc (is it the right tarball?)"],
    [
      "a folder around it",
      tarOf({ "sub/etc/": {} }),
      "rootfs: source old has no /etc (its files lie below sub/: pack it again from inside that folder)",
    ],
    [
      "no init",
      tarOf({ "etc/": {} }),
      "rootfs: source old has no init (/sbin/init, /etc/init or /bin/init) (a container's rootfs often has none: add one to it)",
    ],
  ])("that is %s is refused", async (name, tar, message) => {
    const error = await take(tar, name.replaceAll(/\W/g, "-")).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(StepFailed);
    const { diagnostics, message: own } = error as StepFailed;
    const said = diagnostics.map((one) => `${one.message} (${one.help})`);
    expect(said.length > 0 ? said.join() : own).toBe(message);
  });
});
