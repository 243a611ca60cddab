import { cpio } from "../../src/initramfs/cpio.js";

/** A guest on a disk: says what its root is, writes to its second disk, and asks for an address. */
const WEB = `#!/bin/busybox sh
export PATH=/bin
busybox mount -t proc proc /proc
busybox --install -s /bin
mount -t sysfs sysfs /sys
echo "web: / is $(awk '$2 == "/" { print $1, $3 }' /proc/mounts)"
printf 'written by web' | dd of=/dev/xvdb conv=notrunc,fsync 2>/dev/null
ip link set eth0 up
udhcpc -nq -i eth0 -s /bin/lease >/dev/null
echo "web: eth0 has $(ip -4 -o address show dev eth0 | awk '{ print $4 }')"
while :; do sleep 1000; done
`;

const LEASE = `#!/bin/sh
[ "$1" != bound ] || ip address add "$ip/$mask" dev "$interface"
`;

/** A guest without anything but memory, which Xen starts. */
const ALONE = `#!/bin/busybox sh
busybox mount -t proc proc /proc
echo "alone: $(busybox grep MemTotal /proc/meminfo)"
while :; do busybox sleep 1000; done
`;

/** Texts that WEB_SCRIPT finds below /in. */
export const WEB_INPUTS = { web: WEB, lease: LEASE };

/** Makes /t/web.ext4, the root filesystem of guest web, of the static busybox at /t/busybox. */
export const WEB_SCRIPT = `mkdir -p /t/web/bin /t/web/dev /t/web/proc /t/web/sys /t/web/sbin
cp /t/busybox /t/web/bin/busybox
ln -s busybox /t/web/bin/sh
install -m 755 /in/web /t/web/sbin/init
install -m 755 /in/lease /t/web/bin/lease
mke2fs -q -t ext4 -d /t/web /t/web.ext4 8M`;

/** The initramfs of guest alone, of a static busybox. */
export function aloneArchive(busybox: Uint8Array): Buffer {
  const folder = (path: string) => ({ path, mode: 0o755, what: { folder: true } }) as const;
  const entries = [
    folder("bin"),
    { path: "bin/busybox", mode: 0o755, what: { file: busybox } },
    folder("dev"),
    { path: "dev/console", mode: 0o600, what: { char: { major: 5, minor: 1 } } },
    { path: "init", mode: 0o755, what: { file: Buffer.from(ALONE) } },
    folder("proc"),
  ];
  return cpio(entries, 0);
}
