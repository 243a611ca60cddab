import { chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lock } from "../../src/lock/lock.js";
import { ops } from "../../src/ops/registry.js";
import { plan } from "../../src/plan/plan.js";
import type { Spec } from "../../src/recipe/spec.js";
import { runPlan } from "../../src/run/run.js";
import { packagesSteps } from "../../src/steps/packages.js";
import { FETCH, IMAGE } from "../../src/steps/tools.js";
import { openStore } from "../../src/store/open.js";
import { ASSETS, cardSpec } from "./card.js";
import { engineWith } from "./op-run.js";
import { shell } from "./shell.js";
import { aloneArchive, WEB_INPUTS, WEB_SCRIPT } from "./xen-guests.js";

/** Debian's names of what a dom0 without a distribution around it takes from it: libraries, lvm2, Xen's tools. */
const UNPACKED = [
  // Its hot-plug scripts are bash's.
  "bash",
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
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
ln -s /proc/self/fd /dev/fd
ln -s fd/0 /dev/stdin
mkdir -p /dev/pts
mount -t devpts -o gid=5,mode=620 devpts /dev/pts
mount -t tmpfs -o mode=755 tmpfs /run
mount -o remount,rw /
hostname -F /etc/hostname
modprobe -a xen-evtchn xen-gntdev xen-gntalloc xen-privcmd xenfs xen-blkback xen-netback bridge dm-mod vfat nls_cp437 nls_ascii
# The Ethernet of the board, and of the model.
modprobe -a dwmac-sun8i smsc911x
mount -t xenfs xenfs /proc/xen
mount -a
mkdir -p /var/run/xen /var/lock /var/lib/xen /var/lib/xenstored /var/log/xen/console
xenstored
until /usr/lib/xen-4.17/bin/xen-init-dom0; do sleep 1; done
xenconsoled --log=guest --log-dir=/var/log/xen/console
vgchange -a y
ifup -a >/dev/null 2>&1 &
`;

/** No udev is there to wait for. */
const LVM_CONF = `activation { udev_sync = 0 udev_rules = 0 monitoring = 0 }
backup { backup = 0 archive = 0 }
`;

/**
 * Debian's Xen, its tools and its kernel with long page tables, fetched as a build fetches packages, in `folder`:
 * kernel.deb and xen.deb as they are, a folder dom0 to lay over a root filesystem of busybox, and what guests are made of.
 * The packages are unpacked and not configured, which takes seconds where a whole Debian takes minutes.
 */
export async function dom0Parts(folder: string): Promise<void> {
  const work = await mkdtemp(join(folder, "dom0-parts-"));
  const engine = await engineWith(FETCH, IMAGE);
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
        packages: [
          "busybox-static",
          "linux-image-armmp-lpae",
          "lvm2",
          "xen-hypervisor-4.17-armhf",
          "xen-utils-4.17",
          "xenstore-utils",
        ],
        recommends: false,
      },
    };
    const place = { engine: async () => engine, store, signal, say: () => {}, assets: ASSETS, mirrors: [] };
    const locked = await lock(spec, { ...place, previous: undefined, update: false });
    const wanted = (name: string): boolean =>
      UNPACKED.includes(name) || /^(busybox-static|linux-image-\d.*-armmp-lpae|xen-hypervisor-4\.17-armhf)$/.test(name);
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
mkdir /t/debs /t/dom0 /t/other
tar -xf /t/packages.tar -C /t/debs --no-same-owner
find /t/debs -name 'linux-image-*.deb' -exec mv {} /t/kernel.deb \\;
find /t/debs -name 'xen-hypervisor-*.deb' -exec mv {} /t/xen.deb \\;
find /t/debs -name 'busybox-static*.deb' -exec dpkg-deb -x {} /t/other \\; -delete
find /t/debs -name '*.deb' -exec dpkg-deb -x {} /t/dom0 \\;
mv /t/other/bin/busybox /t/busybox
rm -rf /t/dom0/usr/share /t/dom0/usr/lib/xen-4.17/lib /t/dom0/etc/init.d /t/dom0/lib/systemd /t/dom0/lib/udev /t/dom0/var
${WEB_SCRIPT}
chmod -R a+rX /t`;
    const { code, lines } = await shell(engine, IMAGE, work, script, WEB_INPUTS);
    if (code !== 0) throw new Error(lines.join("\n"));
    for (const name of ["kernel.deb", "xen.deb", "dom0", "web.ext4"])
      await rename(join(work, "t", name), join(folder, name));
    await writeFile(join(folder, "alone.cpio"), aloneArchive(await readFile(join(work, "t/busybox"))));
    await mkdir(join(folder, "dom0/etc/init.d"), { recursive: true });
    await writeFile(join(folder, "dom0/etc/init.d/rcS"), START);
    await chmod(join(folder, "dom0/etc/init.d/rcS"), 0o755);
    await writeFile(join(folder, "dom0/etc/lvm/lvm.conf"), LVM_CONF);
  } finally {
    await engine.close();
    await rm(work, { recursive: true, force: true });
  }
}
