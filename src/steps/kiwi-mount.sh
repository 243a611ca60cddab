#!/bin/sh
# Stands for mount(8), umount(8) and mountpoint(1) while kiwi-ng prepares a root tree, so that it needs no privilege. KIWI binds
# /dev, /proc and /sys of the build root below the new root, its cache, and each local repository. Here a bound /dev is a
# few device nodes of its own; the cache and the repositories are used from outside the new root only; scriptlets and config.sh
# do without /proc and /sys. Anything else that wants to be mounted is refused.
# systemd-firstboot, by which KIWI sets time zone, locale and keyboard, opens what it edits by way of /proc/self/fd: a few lines
# of shell stand for it, where the path inside the new root looks first.
set -eu
list=/work/mounted
touch $list
for to; do :; done
case ${0##*/} in
  mountpoint) exec grep -qxF -- "$to" $list ;;
  umount)
    grep -vxF -- "$to" $list >$list.new || true
    mv $list.new $list
    exit
    ;;
esac
case " $* " in
  *" --bind "*) ;;
  *)
    echo "nothing is mounted here: $*" >&2
    exit 1
    ;;
esac
case $to in
  "$ROOT/dev")
    while read -r name major minor; do [ -e "$to/$name" ] || mknod -m 666 "$to/$name" c "$major" "$minor"; done <<'END'
null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0
END
    mkdir -p "$ROOT/work/bin"
    cat >"$ROOT/work/bin/systemd-firstboot" <<'END'
#!/bin/sh
set -e
for said; do
  value=${said#*=}
  case $said in
    --help) echo "--locale --keymap --timezone" ;;
    --locale=*) echo "LANG=$value" >/etc/locale.conf ;;
    --keymap=*) echo "KEYMAP=$value" >/etc/vconsole.conf ;;
    --timezone=*) ln -sfn "../usr/share/zoneinfo/$value" /etc/localtime ;;
    *) exit 2 ;;
  esac
done
END
    chmod 755 "$ROOT/work/bin/systemd-firstboot"
    ;;
esac
echo "$to" >>$list
