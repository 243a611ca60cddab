/**
 * Installation of the stand-in's openSUSE packages into an empty root, scriptlets emulated, packed as a tar: our step
 * against zypper (which calls rpm for each package; its single transaction fails in this container, exit code 8) and dnf, each in a container with the same packages at hand, in one run. Our step also
 * runs `rpm -Va` over the result. zypper and dnf have read the metadata before the clock starts, and solve again while it
 * runs; we have solved when we locked.
 *
 *   npx vitest run --config test/bench/vitest.config.ts test/bench/rpm
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ensureBinfmt } from "../../src/engine/binfmt.js";
import type { Engine } from "../../src/engine/engine.js";
import type { ToolImage } from "../../src/plan/step.js";
import { scriptJob } from "../../src/run/container-job.js";
import { rpmScript } from "../../src/steps/rootfs.js";
import { FETCH, KIWI, RPM } from "../../src/steps/tools.js";
import { ASSETS } from "../rig/card.js";
import { engineWith } from "../rig/op-run.js";
import { RPM_RIG, standIn } from "../rig/rpm-repository/repository.js";

/** A package that no other needs. */
const ONE = "mawk";
const ROUNDS = Number(process.env["ROUNDS"] ?? 3);
const folder = mkdtempSync(join(process.env["BENCH_FOLDER"] ?? tmpdir(), "boardsmith-rpm-bench-"));
const PEERS: ToolImage = {
  name: "rpm-peers",
  base: { distro: "debian", suite: "trixie" },
  packages: ["dnf", "qemu-user-static", "rpm", "zypper"],
};

const PACK = `tar -cf rootfs.tar -C root --sort=name --numeric-owner --format=posix --xattrs --xattrs-include=security.capability .`;
const MACROS = `mkdir -p /etc/rpm; printf '%%__transaction_unshare %%{nil}\\n%%_dbpath /usr/lib/sysimage/rpm\\n%%_db_backend ndb\\n' >/etc/rpm/macros`;
/** What is ready before the clock starts, and what is timed; NAMES are the packages. */
const WAYS: readonly {
  readonly name: string;
  readonly tool: ToolImage;
  readonly before: string;
  readonly timed: string;
}[] = [
  {
    name: "boardsmith",
    tool: RPM,
    before: "tar -cf /work/packages.tar -C /t/flat .; mkdir -p /in; ln -s /work/packages.tar /in/packages",
    timed: "SOURCE_DATE_EPOCH=1700000000 ARCH=armv7hl sh -eu /t/step.sh",
  },
  {
    // What a build does whose recipe names one package more than the last: the others' installation is in the store.
    name: "boardsmith, one package more",
    tool: RPM,
    before: `mkdir -p /in
tar -cf /work/packages.tar -C /t/flat --exclude='./${ONE}-*' .; ln -s /work/packages.tar /in/packages
SOURCE_DATE_EPOCH=1700000000 ARCH=armv7hl sh -eu /t/step.sh >/dev/null
mv /out/rootfs /in/base; rm -rf /work/*; mkdir -p /work/way
(cd /t/flat && tar -cf /work/packages.tar ./${ONE}-*)`,
    timed: "SOURCE_DATE_EPOCH=1700000000 ARCH=armv7hl sh -eu /t/step.sh",
  },
  {
    name: "zypper",
    tool: PEERS,
    before: `${MACROS}; cat >zypp.conf <<'END'
[main]
arch = armv7hl
solver.onlyRequires = true
rpm.install.excludedocs = yes
END
export ZYPP_CONF=$PWD/zypp.conf; mkdir root
zypper -q --root $PWD/root --no-gpg-checks ar -G file:///t/repo oss
zypper -q --root $PWD/root --no-gpg-checks refresh`,
    timed: `zypper -q --root $PWD/root --no-gpg-checks -n install --no-recommends $NAMES; ${PACK}`,
  },
  {
    name: "dnf",
    tool: PEERS,
    before: `${MACROS}; mkdir root; dnf() { command dnf -q -y --installroot=$PWD/root --forcearch=armv7hl --releasever=1 \
        --repofrompath=oss,file:///t/repo --repo=oss --nogpgcheck --setopt=install_weak_deps=False --setopt=tsflags=nodocs "$@"; }
dnf makecache`,
    timed: `dnf install $NAMES; ${PACK}`,
  },
  {
    // zypper in one transaction, as KIWI calls it; what KIWI would mount is stood for, and all packages are of the phase that
    // the build root's own zypper does, as in `rootfs: kiwi`: in the other the new root's would run under emulation.
    name: "kiwi-ng system prepare",
    tool: KIWI,
    before: `mkdir bin home description; for name in mount umount mountpoint; do cp /t/mount.sh bin/$name; chmod +x bin/$name; done
export HOME=$PWD/home TMPDIR=/work ROOT=$PWD/root ZYPP_SINGLE_RPMTRANS=1
printf '%%_dbpath /usr/lib/sysimage/rpm\\n%%_db_backend sqlite\\n' >home/.rpmmacros
{ cat <<'END'
<?xml version="1.0" encoding="utf-8"?>
<image schemaversion="7.5" name="bench">
  <description type="system"><author>bench</author><contact>bench</contact><specification>bench</specification></description>
  <preferences>
    <version>1.0.0</version><packagemanager>zypper</packagemanager><rpm-check-signatures>false</rpm-check-signatures>
    <rpm-excludedocs>true</rpm-excludedocs><type image="tbz"/>
  </preferences>
  <repository type="rpm-md"><source path="dir:///t/repo"/></repository>
  <packages type="image"/>
  <packages type="bootstrap">
END
for name in $NAMES; do echo "<package name=\\"$name\\"/>"; done; echo "</packages></image>"; } >description/config.xml`,
    timed: `PATH=$PWD/bin:$PATH kiwi-ng --target-arch armv7hl system prepare --description $PWD/description --root $PWD/root >log 2>&1 ||
  { tail -n 30 log; exit 1; }; ${PACK}`,
  },
];

let engine: Engine;
let names = "";
beforeAll(async () => {
  await ensureBinfmt("armhf", () => {});
  engine = await engineWith(FETCH, RPM_RIG, RPM, KIWI, PEERS);
  const { repository } = await standIn(engine);
  for (const name of ["repo", "flat"]) mkdirSync(join(folder, name));
  execFileSync("tar", ["-xf", repository, "-C", join(folder, "repo")]);
  execFileSync("sh", ["-c", "cp -l repo/*/*.rpm flat/"], { cwd: folder });
  writeFileSync(join(folder, "step.sh"), rpmScript(ASSETS));
  writeFileSync(join(folder, "mount.sh"), ASSETS.text("steps/kiwi-mount.sh"));
  names = readdirSync(join(folder, "flat"))
    .map((file) => file.replace(/-[^-]+-[^-]+\.[a-z0-9]+\.rpm$/, ""))
    .join(" ");
});
afterAll(async () => {
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Seconds that a way takes. */
async function once({ name, tool, before, timed }: (typeof WAYS)[number]): Promise<number> {
  const lines: string[] = [];
  const script = `mkdir -p /work/way; cd /work/way; ${before}\nstart=$(date +%s%N)\n${timed}\necho "took $(($(date +%s%N) - start))"`;
  const job = await scriptJob(folder, script, {
    name: "rpm-bench",
    tool,
    env: { NAMES: names },
    mounts: [
      { source: folder, target: "/t", readOnly: true },
      { source: mkdtempSync(join(folder, "out-")), target: "/out", readOnly: false },
    ],
    network: "none",
    caps: [],
  });
  const { signal } = new AbortController();
  const code = await engine.run({ ...job, signal, onLine: (line) => lines.push(line) });
  expect(code, `${name}:\n${lines.slice(-20).join("\n")}`).toBe(0);
  return Number(lines.find((line) => line.startsWith("took "))?.slice(5)) / 1e9;
}

it("installs openSUSE packages beside zypper, dnf and kiwi", async () => {
  const seconds = new Map<string, number[]>(WAYS.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const way of WAYS) seconds.get(way.name)?.push(await once(way));
  }
  const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  for (const [name, values] of seconds) {
    console.log(`${name.padEnd(26)} ${median(values).toFixed(1)} s   (${values.map((v) => v.toFixed(1)).join(", ")})`);
  }
  const [ours = 0, more = 0, ...peers] = [...seconds.values()].map(median);
  console.log(`boardsmith ÷ fastest peer: ${(ours / Math.min(...peers)).toFixed(2)}`);
  console.log(`one package more ÷ all of them: ${(more / ours).toFixed(2)}`);
});
