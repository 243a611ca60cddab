import { chmod, copyFile, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lock } from "../../src/lock/lock.js";
import { ops } from "../../src/ops/registry.js";
import { plan } from "../../src/plan/plan.js";
import type { Spec } from "../../src/recipe/spec.js";
import { runPlan } from "../../src/run/run.js";
import { packagesSteps } from "../../src/steps/packages.js";
import { FETCH } from "../../src/steps/tools.js";
import { openStore } from "../../src/store/open.js";
import { ASSETS, cardSpec } from "./card.js";
import { engineWith } from "./op-run.js";
import { shell } from "./shell.js";

/** Debian's names of what a dom0 without a distribution around it takes from it: libraries, lvm2, Xen's tools. */
const UNPACKED = [
  "kmod",
  "libaio1",
  "libblkid1",
  "libbsd0",
  "libc6",
  "libcap2",
  "libdevmapper-event1.02.1",
  "libdevmapper1.02.1",
  "libedit2",
  "libfdt1",
  "libgcc-s1",
  "libgcrypt20",
  "libgpg-error0",
  "libkmod2",
  "liblz4-1",
  "liblzma5",
  "libmd0",
  "libncurses6",
  "libncursesw6",
  "libpcre2-8-0",
  "libreadline8",
  "libselinux1",
  "libssl3",
  "libsystemd0",
  "libtinfo6",
  "libudev1",
  "libuuid1",
  "libxencall1",
  "libxendevicemodel1",
  "libxenevtchn1",
  "libxenforeignmemory1",
  "libxengnttab1",
  "libxenhypfs1",
  "libxenmisc4.17",
  "libxenstore4",
  "libxentoolcore1",
  "libxentoollog1",
  "libyajl2",
  "libzstd1",
  "lvm2",
  "xen-utils-4.17",
  "xen-utils-common",
  "xenstore-utils",
  "zlib1g",
];

/** In place of busybox's own: no more than dom0's tools need, for loading modules takes an emulated board long. */
const START = `#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mkdir -p /dev/pts
mount -t devpts -o gid=5,mode=620 devpts /dev/pts
mount -t tmpfs -o mode=755 tmpfs /run
mount -o remount,rw /
hostname -F /etc/hostname
modprobe -a xen-evtchn xen-gntdev xen-gntalloc xen-privcmd xenfs dm-mod vfat nls_cp437 nls_ascii
mount -t xenfs xenfs /proc/xen
mount -a
mkdir -p /var/run/xen /var/lib/xenstored /var/log/xen
xenstored
until xenstore-write /local/domain/0/domid 0 /local/domain/0/name Domain-0; do sleep 1; done
vgchange -a y --config 'activation { udev_sync = 0 udev_rules = 0 }'
`;

/**
 * Debian's Xen, its tools and its kernel with long page tables, fetched as a build fetches packages, in `folder`:
 * kernel.deb and xen.deb as they are, and a folder dom0 to lay over a root filesystem of busybox. The packages are
 * unpacked and not configured, which takes seconds where a whole Debian takes minutes.
 */
export async function dom0Parts(folder: string): Promise<void> {
  const work = await mkdtemp(join(folder, "dom0-parts-"));
  const engine = await engineWith(FETCH);
  const { signal } = new AbortController();
  try {
    const store = await openStore(join(work, "store"));
    const spec: Spec = {
      ...cardSpec(),
      rootfs: {
        kind: "distro",
        distro: "debian",
        suite: "bookworm",
        arch: "armhf",
        packages: ["lvm2", "linux-image-armmp-lpae", "xen-hypervisor-4.17-armhf", "xen-utils-4.17", "xenstore-utils"],
        recommends: false,
      },
    };
    const place = { engine: async () => engine, store, signal, say: () => {}, assets: ASSETS, mirrors: [] };
    const locked = await lock(spec, { ...place, previous: undefined, update: false });
    const wanted = (name: string): boolean =>
      UNPACKED.includes(name) || /^(linux-image-\d.*-armmp-lpae|xen-hypervisor-4\.17-armhf)$/.test(name);
    const packages = locked.lock.packages?.set.filter(({ name }) => wanted(name)) ?? [];
    const steps = packagesSteps(spec, { sources: {}, packages }, ASSETS);
    const { results } = await runPlan(plan("dom0", steps, []), {
      store,
      engine: async () => engine,
      ops,
      emit: () => {},
      signal,
      stateDir: join(work, "state"),
    });
    const fetched = results.get("packages")?.outputs["packages"];
    if (!fetched) throw new Error("no packages were fetched");
    await mkdir(join(work, "t"));
    await copyFile(store.path(fetched), join(work, "t/packages.tar"));
    const script = `set -eu
mkdir /t/debs /t/dom0
tar -xf /t/packages.tar -C /t/debs --no-same-owner
find /t/debs -name 'linux-image-*.deb' -exec mv {} /t/kernel.deb \\;
find /t/debs -name 'xen-hypervisor-*.deb' -exec mv {} /t/xen.deb \\;
find /t/debs -name '*.deb' -exec dpkg-deb -x {} /t/dom0 \\;
rm -rf /t/dom0/usr/share /t/dom0/usr/lib/xen-4.17/lib /t/dom0/etc/init.d /t/dom0/lib/systemd /t/dom0/lib/udev /t/dom0/var
chmod -R a+rX /t`;
    const { code, lines } = await shell(engine, FETCH, work, script);
    if (code !== 0) throw new Error(lines.join("\n"));
    for (const name of ["kernel.deb", "xen.deb", "dom0"]) await rename(join(work, "t", name), join(folder, name));
    await mkdir(join(folder, "dom0/etc/init.d"), { recursive: true });
    await writeFile(join(folder, "dom0/etc/init.d/rcS"), START);
    await chmod(join(folder, "dom0/etc/init.d/rcS"), 0o755);
  } finally {
    await engine.close();
    await rm(work, { recursive: true, force: true });
  }
}
