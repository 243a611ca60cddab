#!/bin/sh
# From the kernel to the root filesystem: load what the card needs, wait for it, mount it, hand over. Made by boardsmith.
# `break` on the kernel's command line opens a shell before the root filesystem is mounted, and where that fails; without
# it nobody gets one, for it would be root's and ask for no password.
export PATH=/bin
set -f

say() { echo "initramfs: $*"; }

# open_shell: one with all of busybox's commands, and with a terminal of its own, so that Ctrl-C works.
open_shell() {
  busybox --install -s /bin
  setsid cttyhack sh
}

# fail WHAT: PID 1 ends, so the kernel panics, and reboots where panic= says so.
fail() {
  say "$*"
  [ -z "$break" ] || open_shell
  exit 1
}

# devices: what block devices there are, on one line.
devices() {
  # shellcheck disable=SC2046 # words are what is wanted
  set -- $(ls /sys/class/block)
  echo "${*:-none}"
}

# partition ID: the block device of a PARTUUID. Newer kernels tell it; under older ones an MBR's own signature does, the
# four bytes at 440.
partition() (
  set +f
  for device in /sys/class/block/*; do
    if grep -qisx "PARTUUID=$1" "$device/uevent"; then
      echo "/dev/${device##*/}"
      return
    fi
  done
  for number in /sys/block/*/*/partition; do
    [ -e "$number" ] || continue
    device=${number%/partition}
    disk=${device%/*}
    signature=$(od -An -tx4 -j440 -N4 "/dev/${disk##*/}" | tr -d ' ')
    [ "$signature-$(printf %02x "$(cat "$number")")" != "$1" ] || echo "/dev/${device##*/}"
  done
)

# found: the root device, once it is there.
found() {
  [ -z "$volume" ] || lvm lvchange --activate y --sysinit "$volume" >/dev/null 2>&1
  case $root in
    PARTUUID=*) partition "${root#PARTUUID=}" ;;
    UUID=* | LABEL=*) findfs "$root" 2>/dev/null ;;
    *) [ ! -b "$root" ] || echo "$root" ;;
  esac
}

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev

# The filesystem's type, and GROUP/VOLUME of a root on LVM, are known since the image was made.
volume=
. /etc/root.conf
root=
flags=
access=ro
init=
patient=
break=
# shellcheck disable=SC2013 # words are what it is made of
for word in $(cat /proc/cmdline); do
  case $word in
    root=*) root=${word#root=} ;;
    rootfstype=*) type=${word#rootfstype=} ;;
    rootflags=*) flags=,${word#rootflags=} ;;
    init=*) init=${word#init=} ;;
    ro | rw) access=$word ;;
    rootwait) patient=yes ;;
    break) break=yes ;;
  esac
done
[ -n "$root" ] || fail "no root filesystem is named: root= is not on the kernel's command line"

# An optional module is one of several that give the same, and not every machine carries each.
while read -r module optional; do
  insmod "$module" 2>/tmp/why || [ -n "$optional" ] || say "${module##*/} cannot be loaded: $(cat /tmp/why)"
done </etc/modules

[ -z "$break" ] || { say "a shell, as break asks; exit goes on"; open_shell; }

seconds=0
while device=$(found | head -n 1) && [ -z "$device" ]; do
  if [ $seconds -ge 30 ] && [ -z "$patient" ]; then
    fail "no root filesystem: $root did not appear within $seconds s; block devices: $(devices)"
  fi
  [ $((seconds % 15)) -ne 5 ] || say "Waiting for root device $root ($seconds s); block devices: $(devices)"
  sleep 1
  seconds=$((seconds + 1))
done
mount -t "$type" -o "$access$flags" "$device" /root || fail "no root filesystem: $device ($root) cannot be mounted as $type"

for program in $init /sbin/init /etc/init /bin/init; do
  # A link may lead to where it makes sense only once this is the root.
  [ ! -x "/root$program" ] && [ ! -L "/root$program" ] || break
  program=
done
[ -n "$program" ] || fail "no init: $device ($root) has none of $init /sbin/init /etc/init /bin/init"

# The system starts as if the kernel had mounted its root: only /dev is there already.
mount -o move /dev /root/dev || umount /dev
umount /sys
umount /proc
exec switch_root /root "$program" "$@"
