import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nodeFiles } from "../../src/cli/node-files.js";
import { Refused, StepFailed } from "../../src/diagnostic/failure.js";
import { diagnosticLine } from "../../src/diagnostic/line.js";
import { renderDiagnostics } from "../../src/diagnostic/render.js";
import { ensureBinfmt } from "../../src/engine/binfmt.js";
import type { Engine } from "../../src/engine/engine.js";
import { kiwiDescription } from "../../src/kiwi/description.js";
import { lock } from "../../src/lock/lock.js";
import { bootInstallScript, configScript } from "../../src/obs/config-sh.js";
import { kiwiSystem } from "../../src/obs/kiwi-system.js";
import { ops } from "../../src/ops/registry.js";
import { plan } from "../../src/plan/plan.js";
import { loadRecipe } from "../../src/recipe/load.js";
import type { LockFile } from "../../src/recipe/lock.js";
import { lockedPins } from "../../src/recipe/lock-file.js";
import { formatLock, parseLock } from "../../src/recipe/lock-text.js";
import type { LocalFile, ProvisionSpec, RpmRepositorySpec, RpmRootfsSpec, Spec } from "../../src/recipe/spec.js";
import { runPlan } from "../../src/run/run.js";
import { packagesSteps } from "../../src/steps/packages.js";
import { rootfsSteps, rpmScript } from "../../src/steps/rootfs.js";
import { sourceSteps } from "../../src/steps/source.js";
import { FETCH, KIWI, RPM } from "../../src/steps/tools.js";
import { digestFile } from "../../src/store/digest.js";
import { type OpenStore, openStore } from "../../src/store/open.js";
import { boardsmith, HOME, project } from "../rig/boardsmith.js";
import { ASSETS, cardSpec } from "../rig/card.js";
import { type HttpRig, httpServer } from "../rig/http-server.js";
import { engineWith } from "../rig/op-run.js";
import { insideRootfs, KERNEL, RELEASE, runSteps } from "../rig/rootfs-run.js";
import { RPM_RIG, type StandIn, standIn } from "../rig/rpm-repository/repository.js";
import { serveFolder, serveRepository } from "../rig/rpm-repository/serve.js";

const folder = mkdtempSync(join(tmpdir(), "boardsmith-rpm-"));
const signal = new AbortController().signal;
const OSS = "http://download.opensuse.org/ports/armv7hl/tumbleweed/repo/oss";
const ODD = "http://download.opensuse.org/repositories/odd";
let engine: Engine;
let store: OpenStore;
let server: HttpRig;
let made: StandIn;

beforeAll(async () => {
  await ensureBinfmt("armhf", () => {});
  engine = await engineWith(FETCH, RPM_RIG, RPM, KIWI);
  store = await openStore(join(folder, "store"));
  made = await standIn(engine);
  server = await httpServer();
  serveRepository(server, "ports/armv7hl/tumbleweed/repo/oss", made.repository, join(folder, "oss"));
  serveRepository(server, "repositories/odd", made.odd, join(folder, "odd"));
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

const local = async (path: string): Promise<LocalFile> => {
  const sha256 = await digestFile(path);
  return { path, shown: path.replace(/^.*\//, ""), kind: "file", sha256 };
};
const repository = async (url: string, more: Partial<RpmRepositorySpec> = {}): Promise<RpmRepositorySpec> => ({
  url,
  priority: 99,
  keys: [await local(made.key)],
  ...more,
});
async function rootfsOf(more: Partial<RpmRootfsSpec>): Promise<RpmRootfsSpec> {
  return {
    kind: "rpm",
    distro: "opensuse",
    arch: "armv7hl",
    repositories: { oss: await repository(OSS), odd: await repository(ODD) },
    packages: [],
    patterns: [],
    exclude: [],
    recommends: false,
    ...more,
  };
}

const mirrors = () => [{ from: "http://download.opensuse.org/", to: `${server.url}/` }];
const specOf = (rootfs: RpmRootfsSpec, provision: Partial<ProvisionSpec> = {}): Spec => {
  const base = cardSpec();
  return { ...base, rootfs, sources: {}, provision: { ...base.provision, ...provision } };
};

async function lockOf(rootfs: RpmRootfsSpec, previous?: LockFile, update = false) {
  const place = { engine: async () => engine, store, signal, say: () => {}, assets: ASSETS, mirrors: mirrors() };
  return lock(specOf(rootfs), { ...place, previous, update });
}

/** `name version` of what was locked. */
const names = ({ rpms }: LockFile) => (rpms?.set ?? []).map(({ name, version }) => `${name} ${version}`);

async function build(
  spec: Spec,
  locked: LockFile,
  options: { readonly store?: OpenStore; readonly last?: "packages" | "rootfs" | "provision" } = {},
) {
  const place = options.store ?? store;
  const { pins } = lockedPins(spec, locked);
  const all = [KERNEL, ...packagesSteps(spec, pins, ASSETS, mirrors()), ...rootfsSteps(spec, pins, ASSETS)];
  const steps = all.slice(0, all.findIndex(({ id }) => id === (options.last ?? "provision")) + 1);
  return runSteps(steps, { engine, store: place, stateDir: join(folder, "state"), signal });
}

const inside = (tar: string, script: string) => insideRootfs(engine, RPM_RIG, tar, script);

const SYSTEM = {
  patterns: ["minimal_base"],
  packages: [
    "systemd",
    "systemd-networkd",
    "systemd-resolved",
    "udev",
    "kmod",
    "dbus-1",
    "util-linux",
    "iproute2",
    "openssh",
    "lvm2",
    "e2fsprogs",
    "shadow",
    "sudo",
    "procps",
    "iputils",
    "zypper",
  ],
};

describe("an openSUSE root filesystem", () => {
  it("is locked, fetched, installed and provisioned, and is what rpm says it is; twice the same bytes", async () => {
    const rootfs = await rootfsOf({ ...SYSTEM, repositories: { oss: await repository(OSS) } });
    const { lock: locked, changes } = await lockOf(rootfs);
    const count = locked.rpms?.set.length ?? 0;
    expect(count).toBeGreaterThan(150);
    expect(changes).toEqual([`packages: ${count} of opensuse`]);
    expect(parseLock("card.lock.yaml", formatLock("card", locked)).lock?.rpms).toEqual(locked.rpms);
    expect(locked.rpms?.set.find(({ name }) => name === "iputils")).toMatchObject({
      version: expect.stringMatching(/^3:2024/),
      arch: "armv7hl",
      repository: "oss",
      path: expect.stringMatching(/^armv7hl\/iputils-2024.*\.armv7hl\.rpm$/),
      checksum: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });

    const spec = specOf(rootfs, {
      hostname: "geeko",
      users: [{ name: "ada", sshKeys: ["ssh-ed25519 AAAA ada"], groups: ["wheel"] }],
      units: { enable: ["sshd.service"], disable: [], mask: [] },
      network: [{ interface: "eth0", dhcp: true, dns: [] }],
      grow: true,
    });
    const first = await build(spec, locked);
    const packages = readFileSync(first.path("rootfs", "packages"), "utf8").trimEnd().split("\n");
    expect(packages).toEqual(
      (locked.rpms?.set ?? []).map(({ name, version, arch }) => `${name} ${version} ${arch}`).sort(),
    );
    // Scriptlets made users; nothing else differs from its package.
    const verified = readFileSync(first.path("rootfs", "verify"), "utf8").trimEnd().split("\n");
    expect(verified.filter((line) => !/^.{9} {2}[cg] /.test(line))).toEqual([]);
    expect(verified).toContain("S.5....T.  c /etc/passwd");

    const bare = await inside(
      first.path("rootfs", "rootfs"),
      `cd /work/root
      stat -c '%n %a %u:%g' tmp etc/shadow usr/bin/sudo etc/machine-id
      stat -c '%s' etc/machine-id
      python3 -c 'import os; print(os.getxattr("usr/bin/ping", "security.capability").hex())'
      ls etc/ssh; ls usr/share/man 2>/dev/null | wc -l
      ls dev | wc -l; ls usr/lib/sysimage/rpm
      printf '%%_dbpath /usr/lib/sysimage/rpm\n%%_db_backend ndb\n' >~/.rpmmacros
      rpm --root /work/root -q --qf '%{NAME} %{INSTALLTID}\n' filesystem
      rpm --root /work/root -q --whatprovides 'pattern()'
      chroot /work/root /usr/bin/rpm -q bash`,
    );
    expect(bare).toEqual([
      "tmp 1777 0:0",
      "etc/shadow 640 0:15",
      "usr/bin/sudo 4755 0:0",
      "etc/machine-id 644 0:0",
      "0",
      // cap_net_raw, effective: struct vfs_cap_data of linux/capability.h.
      "0100000200200000000000000000000000000000",
      "moduli",
      "ssh_config",
      "ssh_config.d",
      "sshd_config",
      "sshd_config.d",
      "0",
      "0",
      "Index.db",
      "Packages.db",
      `filesystem ${spec.epoch}`,
      expect.stringMatching(/^patterns-base-minimal_base-/),
      expect.stringMatching(/^bash-5.*\.armv7hl$/),
    ]);

    const provisioned = await inside(
      first.path("provision", "rootfs"),
      `cd /work/root; cat etc/hostname; grep ^ada: etc/passwd; grep ^wheel: etc/group
      ls etc/systemd/system/multi-user.target.wants; ls lib/modules; readlink sbin/init`,
    );
    expect(provisioned).toEqual([
      "geeko",
      "ada:x:1000:1000::/home/ada:/bin/bash",
      "wheel:x:10:ada",
      "boardsmith-grow.service",
      "boardsmith-ssh-keys.service",
      "sshd.service",
      "systemd-networkd.service",
      RELEASE,
      "../lib/systemd/systemd",
    ]);

    const again = await build(spec, locked, { store: await openStore(join(folder, "second")), last: "rootfs" });
    for (const output of ["rootfs", "packages", "verify"]) {
      expect(await digestFile(again.path("rootfs", output)), output).toBe(
        await digestFile(first.path("rootfs", output)),
      );
    }
  });

  it("is fetched once, and installed again offline from what is in the store", async () => {
    const rootfs = await rootfsOf({ ...SYSTEM, repositories: { oss: await repository(OSS) } });
    const { lock: locked } = await lockOf(rootfs);
    server.requests.length = 0;
    await build({ ...specOf(rootfs), epoch: 1_600_000_000 }, locked, { last: "rootfs" });
    expect(server.requests).toEqual([]);
    // Another set of packages that were fetched before, for whatever recipe: the store's copies do.
    const fewer = { ...rootfs, packages: ["bash", "lvm2"], patterns: [] };
    const { lock: small } = await lockOf(fewer);
    server.requests.length = 0;
    await build(specOf(fewer), small, { last: "packages" });
    expect(server.requests).toEqual([]);
  });

  it("gets one package more on top of what is installed, without fetching or installing the others again", async () => {
    const rootfs = await rootfsOf({ ...SYSTEM, repositories: { oss: await repository(OSS) } });
    const { lock: before } = await lockOf(rootfs);
    const had = new Set(before.rpms?.set.map(({ name }) => name));
    const one = ["mawk", "diffutils", "hostname"].find((name) => !had.has(name)) ?? "";
    expect(one).not.toBe("");
    const more = { ...rootfs, packages: [...rootfs.packages, one] };
    const { lock: after, changes } = await lockOf(more, before);
    expect(changes).toEqual([expect.stringMatching(new RegExp(`^packages: \\+${one} \\S+$`))]);
    await build(specOf(rootfs), before, { last: "rootfs" });
    server.requests.length = 0;
    const { path, ran } = await build(specOf(more), after, { last: "rootfs" });
    expect(server.requests.map((request) => request.replace(/.*\//, ""))).toEqual([
      expect.stringMatching(new RegExp(`^${one}-.*\\.rpm$`)),
    ]);
    expect(ran).toEqual(["packages:added", "rootfs"]);
    const packages = readFileSync(path("rootfs", "packages"), "utf8").trimEnd().split("\n");
    expect(packages).toEqual(
      (after.rpms?.set ?? []).map(({ name, version, arch }) => `${name} ${version} ${arch}`).sort(),
    );
    const verified = readFileSync(path("rootfs", "verify"), "utf8").trimEnd().split("\n");
    expect(verified.filter((line) => !/^.{9} {2}[cg] /.test(line))).toEqual([]);
    const reread = parseLock("card.lock.yaml", formatLock("card", after)).lock;
    const again = await build(specOf(more), reread as LockFile, {
      store: await openStore(join(folder, "third")),
      last: "rootfs",
    });
    expect(await digestFile(again.path("rootfs", "rootfs"))).toBe(await digestFile(path("rootfs", "rootfs")));
    // One package less is another system: one transaction again.
    const { lock: less } = await lockOf(
      { ...more, packages: [...more.packages].filter((name) => name !== "sudo") },
      after,
    );
    expect(less.rpms?.set.some((pin) => pin.added)).toBe(false);
  });
});

const imageFile = (name: string) => ASSETS.text(`rootfs/files/${name}`);

describe("the same system by KIWI", () => {
  const wishes = {
    patterns: ["minimal_base"],
    packages: ["bash", "grep", "systemd", "systemd-networkd", "openssh", "iputils", "rpm"],
  };
  /** A recipe that takes a description made from `spec`; its config.sh may be another. */
  const kiwiRecipe = async (spec: Spec, config = configScript(spec, imageFile)): Promise<Spec> => {
    const home = mkdtempSync(join(folder, "kiwi-"));
    mkdirSync(join(home, "kiwi"));
    writeFileSync(join(home, "kiwi/config.xml"), kiwiDescription(kiwiSystem(spec), { obs: false }));
    writeFileSync(join(home, "kiwi/config.sh"), config, { mode: 0o755 });
    writeFileSync(join(home, "kiwi/editbootinstall.sh"), bootInstallScript(8192), { mode: 0o755 });
    const recipe = `description: a card by KIWI
board: cubieboard
sources: { linux: { distro: linux }, u-boot: { distro: u-boot } }
kernel: { source: linux }
u-boot: { source: u-boot }
rootfs:
  kiwi: kiwi
  repositories: { oss: { url: "${OSS}", keys: ["${made.key}"] } }
`;
    writeFileSync(join(home, "card.yaml"), recipe);
    const loaded = await loadRecipe(join(home, "card.yaml"), nodeFiles(), { cwd: HOME, home: HOME });
    expect(renderDiagnostics(loaded.diagnostics, { cwd: home })).toBe("");
    return loaded.spec as Spec;
  };

  it("has the same packages, users and units, without a privilege; twice the same bytes", async () => {
    const rootfs = await rootfsOf({ ...wishes, repositories: { oss: await repository(OSS) } });
    const bare = specOf(rootfs, {
      hostname: "geeko",
      timezone: "Europe/Berlin",
      locale: "de_DE.UTF-8",
      keymap: "de",
      users: [{ name: "ada", sshKeys: ["ssh-ed25519 AAAA ada"], groups: ["wheel"], passwordHash: "$6$salt$hash" }],
      units: { enable: ["sshd.service"], disable: [], mask: [] },
      network: [{ interface: "eth0", dhcp: true, dns: [] }],
    });
    const { lock: locked } = await lockOf(rootfs);
    const own = await build(bare, locked, { last: "rootfs" });

    const spec = await kiwiRecipe(bare);
    const { lock: kiwiLocked } = await lockOf(spec.rootfs as RpmRootfsSpec);
    expect(kiwiLocked.rpms?.set).toEqual(locked.rpms?.set);
    server.requests.length = 0;
    const kiwi = await build({ ...spec, sources: {} }, kiwiLocked, { last: "rootfs" });
    // The packages are in the store; KIWI itself sees no network.
    expect(server.requests).toEqual([]);
    const packages = readFileSync(kiwi.path("rootfs", "packages"), "utf8");
    expect(packages).toBe(readFileSync(own.path("rootfs", "packages"), "utf8"));
    expect(packages.split("\n").length).toBeGreaterThan(60);
    const verified = readFileSync(kiwi.path("rootfs", "verify"), "utf8").trimEnd().split("\n");
    expect(verified.filter((line) => !/^.{9} {2}[cg] /.test(line))).toEqual([]);

    const again = await build({ ...spec, sources: {} }, kiwiLocked, {
      last: "rootfs",
      store: await openStore(join(folder, "kiwi-again")),
    });
    expect(await digestFile(again.path("rootfs", "rootfs"))).toBe(await digestFile(kiwi.path("rootfs", "rootfs")));
    const look = await inside(
      kiwi.path("rootfs", "rootfs"),
      `cd /work/root
      grep ^ada: etc/passwd; grep ^wheel: etc/group; ls etc/systemd/system/multi-user.target.wants etc/systemd/network
      stat -c '%n %a %u:%g %s' home/ada/.ssh/authorized_keys tmp etc/shadow etc/machine-id
      python3 -c 'import os; print(os.getxattr("usr/bin/ping", "security.capability").hex())'
      readlink etc/localtime; cat etc/locale.conf etc/vconsole.conf
      ls dev | wc -l; ls usr/lib/sysimage/rpm; ls -d image var/cache/kiwi 2>/dev/null || true
      chroot /work/root /usr/bin/rpm -q bash`,
    );
    expect(look).toMatchInlineSnapshot(`
      [
        "ada:x:1000:1000::/home/ada:/bin/bash",
        "wheel:x:10:ada",
        "etc/systemd/network:",
        "10-eth0.link",
        "10-eth0.network",
        "",
        "etc/systemd/system/multi-user.target.wants:",
        "sshd.service",
        "systemd-networkd.service",
        "home/ada/.ssh/authorized_keys 600 1000:1000 21",
        "tmp 1777 0:0 4096",
        "etc/shadow 640 0:15 507",
        "etc/machine-id 644 0:0 0",
        "0100000200200000000000000000000000000000",
        "../usr/share/zoneinfo/Europe/Berlin",
        "LANG=de_DE.UTF-8",
        "KEYMAP=de",
        "0",
        "Index.db",
        "Packages.db",
        "bash-5.2.37-2+b10.armv7hl",
      ]
    `);
  });

  it("tells what KIWI says when a script of the description fails", async () => {
    const spec = await kiwiRecipe(
      specOf(await rootfsOf({ packages: ["bash"] })),
      "#!/bin/bash\necho no geeko here\nexit 7\n",
    );
    const { lock: locked } = await lockOf(spec.rootfs as RpmRootfsSpec);
    expect(await refusal(build({ ...spec, sources: {} }, locked, { last: "rootfs" }))).toMatchInlineSnapshot(`
      "error: kiwi-ng cannot prepare the description: config.sh failed [kiwi-failed]
        help: it printed:
              no geeko here

      1 error"
    `);
  });
});

describe("the solver", () => {
  const solved = async (more: Partial<RpmRootfsSpec>) => names((await lockOf(await rootfsOf(more))).lock);

  it("takes epochs along, and recommended packages only when they are asked for", async () => {
    expect(await solved({ packages: ["epoch"] })).toEqual(["epoch 2:1.0~rc1-3.1"]);
    expect(await solved({ packages: ["epoch"], recommends: true })).toEqual(["epoch 2:1.0~rc1-3.1", "fighter-b 1-1"]);
    expect(await solved({ packages: ["epoch"], recommends: true, exclude: ["fighter-b"] })).toEqual([
      "epoch 2:1.0~rc1-3.1",
    ]);
  });

  it("goes by priority before it goes by version", async () => {
    const oss = await repository(OSS);
    const mawk = async (priority: number) =>
      (await solved({ packages: ["mawk"], repositories: { oss, odd: await repository(ODD, { priority }) } })).find(
        (one) => one.startsWith("mawk "),
      );
    expect(await mawk(99)).toBe("mawk 99-1");
    expect(await mawk(120)).toMatch(/^mawk 1\.3\./);
  });

  it("reads the file lists when a file is needed that nothing else tells of", async () => {
    expect(await solved({ packages: ["wants-file"] })).toEqual(["offers-file 1-1", "wants-file 1-1"]);
  });

  it("says what an update changes", async () => {
    const oss = await repository(OSS);
    const odd = await repository(ODD);
    const before = await lockOf(
      await rootfsOf({ packages: ["mawk", "epoch"], repositories: { oss, odd: { ...odd, priority: 120 } } }),
    );
    const after = await lockOf(await rootfsOf({ packages: ["mawk"], repositories: { oss, odd } }), before.lock, true);
    expect(after.changes).toEqual([
      expect.stringMatching(/^packages: -epoch, -filesystem, .*-glibc, .*mawk 1\.3\S+ → 99-1$/),
    ]);
  });
});

/** A copy of the odd repository that a script has changed (in /repo, the signing key at /in/secret), served at /repositories/other. */
async function otherRepository(script: string): Promise<string> {
  const copy = mkdtempSync(join(folder, "other-"));
  cpSync(join(folder, "odd"), copy, { recursive: true });
  const lines: string[] = [];
  const code = await engine.run({
    name: "other",
    tool: RPM_RIG,
    argv: [
      "sh",
      "-euc",
      `export GNUPGHOME=/work/gnupg; mkdir -p -m 700 /work/gnupg; gpg --batch -q --import /in/secret; cd /repo; ${script}`,
    ],
    env: {},
    mounts: [
      { source: copy, target: "/repo", readOnly: false },
      { source: made.secret, target: "/in/secret", readOnly: true },
    ],
    network: "none",
    caps: [],
    onLine: (line) => lines.push(line),
    signal,
  });
  expect(code, lines.join("\n")).toBe(0);
  serveFolder(server, "repositories/other", copy);
  return "http://download.opensuse.org/repositories/other";
}
const SIGN = "gpg --batch -q --yes --armor --detach-sign repodata/repomd.xml";
const RESIGN = `createrepo_c -q . && ${SIGN}`;

/** What is refused, as a user sees it; places and keys that differ from run to run have names. */
async function refusal(attempt: Promise<unknown>): Promise<string> {
  const error = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Refused) && !(error instanceof StepFailed)) throw error ?? new Error("nothing was refused");
  return renderDiagnostics(error.diagnostics, { cwd: folder })
    .replaceAll(server.url, "http://rig")
    .replace(/\b[0-9A-F]{16}\b/g, "OWN-KEY-ID")
    .replace(/ after \d+ ms/, " at once")
    .replace(/[0-9a-f]{64}/g, "DIGEST");
}
const refusedLock = async (more: Partial<RpmRootfsSpec>) => refusal(lockOf(await rootfsOf(more)));

describe("what cannot be locked is told with its reason", () => {
  const only = async (url: string, more: Partial<RpmRepositorySpec> = {}) => ({
    packages: ["epoch"],
    repositories: { other: await repository(url, more) },
  });

  it("a repository out of reach", async () => {
    expect(await refusedLock(await only("http://download.opensuse.org/repositories/nowhere"))).toMatchInlineSnapshot(`
      "error: repository "other" cannot be reached: http://rig/repositories/nowhere/repodata/repomd.xml, mirror of http://download.opensuse.org/repositories/nowhere/repodata/repomd.xml: The requested URL returned error: 404 [repository-unreachable]
        help: is its URL the folder that repodata/ is in? Another place is named by --mirror FROM=TO

      1 error"
    `);
    expect(await refusedLock(await only("http://127.0.0.1:9/oss"))).toMatchInlineSnapshot(`
      "error: repository "other" cannot be reached: http://127.0.0.1:9/oss/repodata/repomd.xml: Failed to connect to 127.0.0.1 port 9 at once: Could not connect to server [repository-unreachable]
        help: is its URL the folder that repodata/ is in? Another place is named by --mirror FROM=TO

      1 error"
    `);
  });

  it("metadata that is not its signer's, is signed by a stranger, or by nobody", async () => {
    const changed = await otherRepository("sed -i 's/<revision>/<revision>1/' repodata/repomd.xml");
    expect(await refusedLock(await only(changed))).toMatchInlineSnapshot(`
      "error: repository "other" is not to be trusted: its repomd.xml has a bad signature by key OWN-KEY-ID: what was signed was something else [signature-not-trusted]
        help: a key that its distribution has changed goes into the repository's \`keys:\`

      1 error"
    `);
    const stranger = [await local(join(HOME, "test/rig/signed/stranger.asc"))];
    expect(await refusedLock(await only(ODD, { keys: stranger }))).toMatchInlineSnapshot(`
      "error: repository "other" is not to be trusted: its repomd.xml is signed by key OWN-KEY-ID, which is none of the recipe's keys (816F318A307FFF06D336D6025885E361F80D061A) [signature-not-trusted]
        help: a key that its distribution has changed goes into the repository's \`keys:\`

      1 error"
    `);
    const bare = await otherRepository("rm repodata/repomd.xml.asc");
    expect(await refusedLock(await only(bare))).toMatchInlineSnapshot(`
      "error: repository "other" is not signed: http://rig/repositories/other/repodata/repomd.xml.asc, mirror of http://download.opensuse.org/repositories/other/repodata/repomd.xml.asc: The requested URL returned error: 404 [signature-not-trusted]
        help: a repository that nobody signs is taken with \`unsigned: true\`

      1 error"
    `);
    // Whoever says so may have it.
    expect(names((await lockOf(await rootfsOf(await only(bare, { keys: [] })))).lock)).toEqual(["epoch 2:1.0~rc1-3.1"]);
  });

  it("a list of packages that somebody has changed", async () => {
    const changed = await otherRepository("for file in repodata/*-primary.xml.gz; do echo more >>$file; done");
    expect(await refusedLock(await only(changed))).toMatchInlineSnapshot(`
      "error: repository "other" sent another DIGEST-primary.xml.gz than its repomd.xml names: sha256 is DIGEST, DIGEST was named [hash-mismatch]
        help: a mirror may be in the middle of an update: try later, or another one with --mirror FROM=TO

      1 error"
    `);
  });

  it("what is no repository, and one whose list of packages is gone", async () => {
    const page = await otherRepository(`echo '<html>' >repodata/repomd.xml; ${SIGN}`);
    expect(await refusedLock(await only(page))).toMatchInlineSnapshot(`
      "error: repository "other" is no rpm-md repository: its repomd.xml cannot be read [repository-unusable]

      1 error"
    `);
    const partial = await otherRepository("rm repodata/*-primary.xml.gz");
    expect(await refusedLock(await only(partial))).toMatchInlineSnapshot(`
      "error: repository "other" lacks what its repomd.xml names: http://rig/repositories/other/repodata/DIGEST-primary.xml.gz, mirror of http://download.opensuse.org/repositories/other/repodata/DIGEST-primary.xml.gz: The requested URL returned error: 404 [repository-unusable]
        help: a mirror may be in the middle of an update: try later, or another one with --mirror FROM=TO

      1 error"
    `);
  });

  it("a repository of another architecture", async () => {
    const foreign = await otherRepository(`find . -name '*.rpm' ! -name 'foreign*' -delete; ${RESIGN}`);
    expect(await refusedLock(await only(foreign))).toMatchInlineSnapshot(`
      "error: repository "other" has packages for aarch64, and none for armv7hl [wrong-architecture]

      1 error"
    `);
  });

  it("packages and patterns that are not there, or for another architecture only", async () => {
    expect(
      await refusedLock({ packages: ["epocj", "foreign", "xyzzy"], patterns: ["minimalbase"] }),
    ).toMatchInlineSnapshot(`
      "error: opensuse for armv7hl has no package "epocj" [unknown-package]
        help: did you mean "epoch"?

      error: opensuse for armv7hl has no package "foreign" (it is there for aarch64 only) [unknown-package]

      error: opensuse for armv7hl has no package "xyzzy" [unknown-package]

      error: opensuse for armv7hl has no pattern "minimalbase" [unknown-package]
        help: did you mean "minimal_base"?

      4 errors"
    `);
  });

  it("packages that do not go together, or need what nobody has", async () => {
    expect(
      await refusedLock({ packages: ["fighter-a", "fighter-b", "needs-missing", "zypper"], exclude: ["libzypp1735"] }),
    ).toMatchInlineSnapshot(`
      "error: "needs-missing" cannot be had in opensuse for armv7hl [unsolvable-packages]
        help: the solver says:
              nothing provides libnowhere.so.7 needed by needs-missing-1-1.armv7hl

      error: "fighter-a" and "fighter-b" cannot be had in opensuse for armv7hl [unsolvable-packages]
        help: the solver says:
              package fighter-a-1-1.armv7hl conflicts with fighter-b provided by fighter-b-1-1.armv7hl

      error: "zypper" cannot be had in opensuse for armv7hl with "libzypp1735" excluded [unsolvable-packages]
        help: the solver says:
              package zypper-1.14.89-1.armv7hl requires libzypp1735 >= 17.36.6, but none of the providers can be installed

      3 errors"
    `);
  });
});

/** librepo's own test repositories, out of its source package: metadata that nobody here wrote. */
async function foreignMetadata(): Promise<string> {
  const spec: Spec = {
    ...cardSpec(),
    sources: { librepo: { kind: "distro", package: "librepo" } },
    rootfs: { kind: "tar", source: "librepo" },
  };
  const place = { engine: async () => engine, store, signal, say: () => {}, assets: ASSETS, mirrors: [] };
  const { pins } = lockedPins(spec, (await lock(spec, { ...place, previous: undefined, update: false })).lock);
  const { results } = await runPlan(plan("librepo", sourceSteps(spec, pins, ASSETS, []), []), {
    store,
    engine: async () => engine,
    ops,
    emit: () => {},
    signal,
    stateDir: join(folder, "state"),
  });
  const source = results.get("source:librepo")?.outputs.source;
  if (!source) throw new Error("librepo was not fetched");
  const into = mkdtempSync(join(folder, "librepo-"));
  execFileSync("tar", ["-xf", store.path(source), "-C", into]);
  const tarball = readdirSync(into).find((file) => /\.orig\.tar\.\w+$/.test(file)) ?? "";
  execFileSync("tar", ["-xf", join(into, tarball), "-C", into, "--strip-components=1"]);
  return join(into, "tests/python/tests/servermock/yum_mock/static");
}

describe("metadata that nobody here wrote", () => {
  it("is read: names, epochs, checksums, what it requires; a signature is checked; sha1 will not do", async () => {
    const mock = await foreignMetadata();
    for (const name of ["01", "02", "03"]) serveFolder(server, `librepo/${name}`, join(mock, name));
    const at = async (name: string, keys: readonly LocalFile[] = []) => ({
      arch: "x86_64",
      repositories: { other: await repository(`http://download.opensuse.org/librepo/${name}`, { keys }) },
    });
    const files = await lockOf(await rootfsOf({ ...(await at("02")), packages: ["filesystem"] })).catch(
      (error) => error,
    );
    expect(
      files instanceof Refused ? renderDiagnostics(files.diagnostics, { cwd: folder }) : files.lock.rpms?.set,
    ).toMatchInlineSnapshot(`
        "error: "filesystem" cannot be had in opensuse for x86_64 [unsolvable-packages]
          help: the solver says:
                nothing provides setup needed by filesystem-2.4.44-1.fc16.i686

        1 error"
      `);
    expect(
      await refusal(rootfsOf({ ...(await at("03")), packages: ["Archer"] }).then((rootfs) => lockOf(rootfs))),
    ).toMatchInlineSnapshot(`
        "error: "Archer" cannot be had in opensuse for x86_64 [unsolvable-packages]
          help: the solver says:
                nothing provides fooa <= 2 needed by Archer-2:3.4.5-6.x86_64
                nothing provides foob >= 1.0.0-1 needed by Archer-2:3.4.5-6.x86_64
                nothing provides fooc = 3 needed by Archer-2:3.4.5-6.x86_64
                nothing provides food < 4 needed by Archer-2:3.4.5-6.x86_64
                nothing provides fooe > 5 needed by Archer-2:3.4.5-6.x86_64
                nothing provides foof = 6 needed by Archer-2:3.4.5-6.x86_64

        1 error"
      `);
    const key = [await local(join(mock, "01/repodata/repomd.xml.key"))];
    expect(
      await refusal(rootfsOf({ ...(await at("01", key)), packages: ["filesystem"] }).then((rootfs) => lockOf(rootfs))),
    ).toMatchInlineSnapshot(`
        "error: repository "other" names its metadata by sha1 checksums only; sha256 or sha512 is wanted [repository-unusable]

        1 error"
      `);
  });
});

describe("the shipped recipe", () => {
  it("is locked with nothing but another key; what is wrong with it is shown at its place", async () => {
    await using mine = await project();
    const recipe = (packages: string) => `description: the shipped recipe, with the key of the stand-in
extends: cubieboard-opensuse.yaml
rootfs: { repositories: { oss: { keys: [keys/stand-in.asc] } }${packages} }
`;
    cpSync(made.key, join(mine.folder, "recipes/keys/stand-in.asc"));
    const lockMine = (packages: string, ...more: readonly string[]) => {
      writeFileSync(join(mine.folder, "recipes/mine.yaml"), recipe(packages));
      const mirror = `http://download.opensuse.org/=${server.url}/`;
      return boardsmith(["lock", "mine", "--mirror", mirror, ...more], { cwd: mine.folder, env: mine.env });
    };
    const locked = await lockMine("");
    expect(locked, locked.stderr).toMatchObject({ code: 0 });
    expect(locked.stdout).toMatch(/^packages: 1\d\d of opensuse$/m);
    const file = readFileSync(join(mine.folder, "recipes/mine.lock.yaml"), "utf8");
    expect(file).toMatch(/^ {8}url: http:\/\/download\.opensuse\.org\/ports\/armv7hl\/tumbleweed\/repo\/oss$/m);
    expect(file).toMatch(/^ {4}- \{ name: lvm2, version: /m);

    const wrong = await lockMine(", packages: [lvm2, zyper]");
    expect(wrong.code).toBe(2);
    expect(wrong.stderr.slice(wrong.stderr.indexOf("recipes/"))).toMatchInlineSnapshot(`
      "recipes/mine.yaml:3:82: error: opensuse for armv7hl has no package "zyper" [unknown-package]
        3 | rootfs: { repositories: { oss: { keys: [keys/stand-in.asc] } }, packages: [lvm2, zyper] }
          |                                                                                  ^^^^^
        help: did you mean "zypper"?

      1 error
      "
    `);
    const strange = await boardsmith(
      ["lock", "cubieboard-opensuse", "--mirror", `http://download.opensuse.org/=${server.url}/`],
      { cwd: mine.folder, env: mine.env },
    );
    expect(strange.code).toBe(2);
    expect(
      strange.stderr.slice(strange.stderr.indexOf("recipes/")).replace(/\b[0-9A-F]{16}\b/, "OWN-KEY-ID"),
    ).toMatchInlineSnapshot(`
      "recipes/base/opensuse.yaml:12:12: error: repository "oss" is not to be trusted: its repomd.xml is signed by key OWN-KEY-ID, which is none of the recipe's keys (AD485664E901B867051AB15F35A2F86E29B700A4) [signature-not-trusted]
        12 |       url: http://download.opensuse.org/ports/armv7hl/tumbleweed/repo/oss/
           |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        help: a key that its distribution has changed goes into the repository's \`keys:\`

      1 error
      "
    `);
  });
});

describe("what cannot be fetched or installed is told with its reason", () => {
  const fetched = async (url: string, change: () => Promise<unknown>, packages = ["epoch", "offers-file"]) => {
    const rootfs = await rootfsOf({ packages, repositories: { other: await repository(url) } });
    const { lock: locked } = await lockOf(rootfs);
    await change();
    return build(specOf(rootfs), locked, {
      last: "packages",
      store: await openStore(mkdtempSync(join(folder, "store-"))),
    });
  };
  const rpmAt = (name: string) =>
    [...server.resources.keys()].find((path) => path.includes(`/other/`) && path.includes(name)) ?? "";

  it("a package with other bytes, and one that is gone", async () => {
    const url = await otherRepository(":");
    const change = async () => {
      const path = rpmAt("epoch-1.0");
      server.resources.set(path, {
        body: Buffer.concat([server.resources.get(path)?.body ?? Buffer.of(), Buffer.of(0)]),
      });
      server.resources.delete(rpmAt("offers-file"));
    };
    expect(await refusal(fetched(url, change))).toMatchInlineSnapshot(`
      "error: epoch-1.0~rc1-3.1.noarch.rpm is another than was locked (http://rig/repositories/other/noarch/epoch-1.0~rc1-3.1.noarch.rpm: sha256 is DIGEST, DIGEST was locked) [hash-mismatch]
        help: the repository has replaced it, or somebody else has: \`boardsmith lock --update\` locks what its signed metadata names now

      error: offers-file-1-1.armv7hl.rpm cannot be had (http://rig/repositories/other/armv7hl/offers-file-1-1.armv7hl.rpm: The requested URL returned error: 404) [archive-file-gone]
        help: a rolling distribution drops old versions: lock new ones with \`boardsmith lock --update\`, or name a mirror that has it: --mirror FROM=TO

      2 errors"
    `);
  });

  it("a package that somebody else has signed; one that nobody has is vouched for by the signed metadata", async () => {
    const unsigned = await otherRepository(`rpmsign --delsign */*.rpm >/dev/null 2>&1; ${RESIGN}`);
    const { path } = await fetched(unsigned, async () => {});
    expect(existsSync(path("packages", "packages"))).toBe(true);
    const stranger = await otherRepository(
      `gpg --batch -q --passphrase '' --quick-generate-key 'stranger <stranger@example.org>' rsa2048 sign never
      rpmsign --define '_gpg_name stranger@example.org' --resign */epoch*.rpm >/dev/null 2>&1
      createrepo_c -q . && gpg --batch -q --yes --armor --default-key stand-in@example.org --detach-sign repodata/repomd.xml`,
    );
    const said = await refusal(fetched(stranger, async () => {}));
    expect(said.replace(/key (ID|fingerprint:?) [0-9a-f]+/, "key ID STRANGER")).toMatchInlineSnapshot(`
      "error: epoch-1.0~rc1-3.1.noarch.rpm is signed by none of its repository's keys: Header V4 RSA/SHA512 Signature, key ID STRANGER: NOKEY [signature-not-trusted]
        help: a key that its distribution has changed goes into the repository's \`keys:\`

      1 error"
    `);
  });

  const installed = async (packages: readonly string[]) => {
    const rootfs = await rootfsOf({ packages: [...packages, "coreutils"] });
    return build(specOf(rootfs), (await lockOf(rootfs)).lock, { last: "rootfs" });
  };

  it("a scriptlet that fails, by name and with what it printed", async () => {
    expect(await refusal(installed(["failing-post"]))).toMatchInlineSnapshot(`
      "error: the scriptlet %post(failing-post-1-1.armv7hl) failed with exit status 7 [scriptlet-failed]
        help: it printed:
              cannot reach the registrar
              a package that cannot be installed here can be kept out with rootfs.exclude

      1 error"
    `);
    expect(await refusal(installed(["failing-pre"]))).toMatchInlineSnapshot(`
      "error: the scriptlet %prein(failing-pre-1-1.armv7hl) failed with exit status 3 [scriptlet-failed]
        help: it printed:
              this machine is not worthy
              a package that cannot be installed here can be kept out with rootfs.exclude

      1 error"
    `);
  });

  // Only root may mount a small disk; elsewhere none can be filled without harm.
  it.runIf(process.getuid?.() === 0)("a disk that is full, with the package that does not fit", async () => {
    const rootfs = await rootfsOf({ packages: ["coreutils"], repositories: { oss: await repository(OSS) } });
    const { path } = await build(specOf(rootfs), (await lockOf(rootfs)).lock, { last: "packages" });
    const disk = mkdtempSync(join(folder, "disk-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=28m", "tmpfs", disk]);
    const install = async (script: string): Promise<string> => {
      const step = join(mkdtempSync(join(folder, "script-")), "step.sh");
      writeFileSync(step, script);
      const lines: string[] = [];
      const code = await engine.run({
        name: "full",
        tool: RPM,
        argv: ["sh", "-c", "mkdir -p /out && cd /work && sh -eu /step.sh; code=$?; rm -rf /work/*; exit $code"],
        env: { LC_ALL: "C.UTF-8", ARCH: "armv7hl", SOURCE_DATE_EPOCH: "0" },
        mounts: [
          { source: disk, target: "/work", readOnly: false },
          { source: path("packages", "packages"), target: "/in/packages", readOnly: true },
          { source: step, target: "/step.sh", readOnly: true },
        ],
        network: "none",
        caps: [],
        onLine: (line) => lines.push(line),
        signal,
      });
      expect(code).toBe(1);
      const found = lines.flatMap((line) => diagnosticLine(line) ?? []);
      return renderDiagnostics(found, { cwd: folder })
        .replace(/[\d.]+(MB?|K)\b/g, "SIZE")
        .replace(/glibc-\S+(?=\.armv7hl)/, "glibc-VERSION");
    };
    try {
      const script = rpmScript(ASSETS);
      expect(await install(script)).toMatchInlineSnapshot(`
        "error: the disk is full while installing glibc-VERSION.armv7hl: SIZE more are needed for all packages [disk-full]
          help: packages are unpacked where the container engine keeps its containers (\`docker info\`: Docker Root Dir); SIZE are free there

        1 error"
      `);
      // What rpm cannot foresee: scriptlets, or somebody else, take the room meanwhile.
      expect(await install(script.replace(" -iv -- ", " --ignoresize -iv -- "))).toMatchInlineSnapshot(`
        "error: the disk is full while installing glibc-VERSION.armv7hl [disk-full]
          help: packages are unpacked where the container engine keeps its containers (\`docker info\`: Docker Root Dir); SIZE are free there

        1 error"
      `);
    } finally {
      execFileSync("umount", [disk]);
    }
  });
});
