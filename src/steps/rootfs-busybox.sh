# busybox, static, and the least of a root filesystem around it: init, a getty on the serial console, mdev, network.
# CONSOLE and BAUD: the serial console. Works as an ext4 root and, unpacked, as an initramfs.

[ -z "${NOLIBC-}" ] || die "the recipe's toolchain has no C library (libc: nolibc), and busybox is userland" \
  "use toolchain: distro, or one with glibc, musl or uclibc"

BUILD_TIME=$(LC_ALL=C date -u -d "@$SOURCE_DATE_EPOCH")
mkdir -p /work/build
use_toolchain
use_ccache

unpack_source /in/source "$SOURCE_FORMAT" /work/src
[ -f /work/src/applets/applet_tables.c ] || die "the source is no busybox: it has no applets/applet_tables.c"

# Its time stamps come from here, else from the clock.
export KCONFIG_NOTIMESTAMP=1
kbuild -s defconfig >/dev/null
# tc needs kernel headers older than 6.8. DES would cut passwords to eight characters. The small modprobe takes one module
# at a time, knows no blacklist, and looks into every module for what another one is called.
while read -r symbol value; do
  sed -i -e "/^# $symbol is not set$/d" -e "/^$symbol=/d" /work/build/.config
  case $value in n) echo "# $symbol is not set" ;; *) echo "$symbol=$value" ;; esac >>/work/build/.config
done <<'END'
CONFIG_STATIC y
CONFIG_TC n
CONFIG_MODPROBE_SMALL n
CONFIG_INSMOD y
CONFIG_RMMOD y
CONFIG_LSMOD y
CONFIG_MODPROBE y
CONFIG_FEATURE_MODPROBE_BLACKLIST y
CONFIG_DEPMOD y
CONFIG_MODINFO y
CONFIG_FEATURE_MODUTILS_ALIAS y
CONFIG_FEATURE_CHECK_TAINTED_MODULE n
CONFIG_FEATURE_DEFAULT_PASSWD_ALGO "sha512"
CONFIG_FEATURE_VOLUMEID_EXT y
CONFIG_FEATURE_VOLUMEID_FAT y
CONFIG_USE_BB_PWD_GRP y
CONFIG_USE_BB_SHADOW y
CONFIG_USE_BB_CRYPT y
CONFIG_USE_BB_CRYPT_SHA y
CONFIG_FEATURE_SHADOWPASSWDS y
CONFIG_SHA1_HWACCEL n
CONFIG_SHA256_HWACCEL n
END
yes '' | kbuild -s oldconfig >/dev/null
grep -qx CONFIG_STATIC=y /work/build/.config || die "this busybox cannot be linked statically"
kbuild -j"$(jobs)"
root=/work/root
mkdir -p $root
kbuild -s CONFIG_PREFIX=$root install >/dev/null
rm -f $root/linuxrc
"${CROSS_COMPILE}readelf" -l $root/bin/busybox | grep -q INTERP && die "busybox was linked dynamically: the toolchain has no static C library"

# write PATH MODE: a file from standard input.
write() {
  mkdir -p "$root/${1%/*}"
  cat >"$root/$1"
  chmod "$2" "$root/$1"
}

for folder in boot dev etc/init.d etc/network home lib/modules mnt opt proc run srv sys usr/lib var/cache var/lib var/log var/spool; do
  mkdir -p "$root/$folder"
done
mkdir -p -m 0700 $root/root
mkdir -p -m 1777 $root/tmp $root/var/tmp
ln -s ../run $root/var/run

# Nobody can log in with this alone: `*` matches no password.
write etc/passwd 644 <<'END'
root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
nobody:x:65534:65534:nobody:/nonexistent:/bin/false
END
day=$((SOURCE_DATE_EPOCH / 86400))
write etc/shadow 600 <<END
root:*:$day:0:99999:7:::
daemon:*:$day:0:99999:7:::
nobody:*:$day:0:99999:7:::
END
write etc/group 644 <<'END'
root:x:0:
daemon:x:1:
tty:x:5:
disk:x:6:
wheel:x:10:
dialout:x:20:
audio:x:29:
video:x:44:
users:x:100:
nogroup:x:65534:
END
write etc/shells 644 <<'END'
/bin/sh
/bin/ash
END
write etc/profile 644 <<'END'
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PS1='\u@\h:\w\$ '
umask 022
END
write etc/issue 644 <<'END'
\n \l

END
write etc/fstab 644 </dev/null
write etc/inittab 644 <<END
::sysinit:/etc/init.d/rcS
$CONSOLE::respawn:/sbin/getty -L $CONSOLE $BAUD vt100
::restart:/sbin/init
::ctrlaltdel:/sbin/reboot
::shutdown:/etc/init.d/rcK
END
write etc/init.d/rcS 755 <<'END'
#!/bin/sh
# Once at start, before anybody can log in.
mount -t proc proc /proc
mount -t sysfs sysfs /sys
grep -q ' /dev devtmpfs' /proc/mounts || mount -t devtmpfs devtmpfs /dev
# The kernel makes devices; what programs expect beside them is up to here.
ln -sf /proc/self/fd /dev/fd
for n in 0:stdin 1:stdout 2:stderr; do ln -sf "/proc/self/fd/${n%:*}" "/dev/${n#*:}"; done
mkdir -p /dev/pts /dev/shm
mount -t devpts -o gid=5,mode=620 devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t tmpfs -o mode=755 tmpfs /run
mount -o remount,rw /
mount -a
hostname -F /etc/hostname
# Devices: what is there, then what comes.
mdev -d
seedrng >/dev/null 2>&1
[ ! -s /etc/sysctl.conf ] || sysctl -qp
# Modules for what is there, then the network: neither holds a login up, for a DHCP server may never answer.
{
  if [ -s "/lib/modules/$(uname -r)/modules.alias" ]; then
    find /sys/devices -name modalias -exec cat {} + 2>/dev/null | sort -u | xargs modprobe -abq 2>/dev/null
  fi
  [ ! -e /etc/network/interfaces ] || ifup -a >/dev/null 2>&1
} &
for script in /etc/init.d/S??*; do
  [ ! -x "$script" ] || "$script" start
done
END
write etc/init.d/rcK 755 <<'END'
#!/bin/sh
# Once at the end: reboot, poweroff, halt.
for script in $(ls -r /etc/init.d/S??* 2>/dev/null); do
  [ ! -x "$script" ] || "$script" stop
done
seedrng >/dev/null 2>&1
sync
swapoff -a
umount -a -r 2>/dev/null
END
write etc/mdev.conf 644 <<'END'
# name       user:group mode  what to do; see docs/mdev.txt in busybox
$MODALIAS=.* root:root 660 @modprobe -bq "$MODALIAS"
null         root:root 666
zero         root:root 666
full         root:root 666
random       root:root 666
urandom      root:root 444
ptmx         root:tty  666
tty          root:tty  666
tty[0-9]*    root:tty  620
tty[A-Z].*   root:dialout 660
mmcblk.*     root:disk 660
sd[a-z].*    root:disk 660
loop[0-9]+   root:disk 660
dm-[0-9]+    root:disk 660
snd/.*       root:audio 660
END
for folder in if-down.d if-post-down.d if-pre-up.d if-up.d; do mkdir -p $root/etc/network/$folder; done
write etc/network/interfaces 644 <<'END'
auto lo
iface lo inet loopback
END
write usr/share/udhcpc/default.script 755 </work/src/examples/udhcp/simple.script

pack_tar /out/rootfs $root
: >/out/packages
ccache_report
say "$("${CROSS_COMPILE}strings" $root/bin/busybox | sed -n 's/^\(BusyBox v[^ ]*\).*/\1/p' | head -n 1): $(stat -c %s $root/bin/busybox) bytes, $(find $root/bin $root/sbin $root/usr -type l | wc -l) commands"
