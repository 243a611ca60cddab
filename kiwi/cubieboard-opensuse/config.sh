#!/bin/bash
# cubieboard-opensuse: what the packages do not say of this system. Written by boardsmith.
set -e
echo cubieboard >/etc/hostname
mkdir -p /etc/systemd/network
cat >/etc/systemd/network/10-eth0.link <<'END'
[Match]
OriginalName=eth0

[Link]
NamePolicy=kernel
END
cat >/etc/systemd/network/10-eth0.network <<'END'
[Match]
Name=eth0

[Network]
DHCP=yes
END
systemctl enable systemd-networkd.service sshd.service systemd-resolved.service systemd-timesyncd.service
# Nobody could log in: the first boot asks on the console for root's password.
usermod -p '*' root
mkdir -p /usr/lib/boardsmith
cat >/usr/lib/boardsmith/firstboot <<'END'
#!/bin/sh
# Asks on the console for a password for root, because this image came with none. Once set it is never asked for again.
# Runs before the first login prompt: from boardsmith-firstboot.service, or from inittab where there is no systemd.

asked=/var/lib/boardsmith/asked

[ ! -e "$asked" ] || exit 0
# By the shell alone: a small root filesystem may have no sed and no grep.
secret=
while IFS=: read -r name field _; do
  [ "$name" != root ] || secret=$field
done </etc/shadow
# Somebody has set or locked it already.
[ "$secret" = "*" ] || exit 0

trap 'stty echo 2>/dev/null' EXIT
trap 'exit 1' HUP INT TERM

# Nobody can answer when the console is closed: say so once, and ask at the next boot.
ask() {
  # Quiet first: whoever types at once must not see it.
  stty -echo 2>/dev/null
  printf '%s' "$1"
  IFS= read -r answer || { stty echo 2>/dev/null; echo; echo "boardsmith: no answer, root stays locked"; exit 1; }
  stty echo 2>/dev/null
  echo
}

# busybox's default is DES, which reads eight characters and no more.
set_password() {
  case $(chpasswd --help 2>&1) in
    *BusyBox*) printf 'root:%s\n' "$1" | chpasswd -c sha512 ;;
    *) printf 'root:%s\n' "$1" | chpasswd ;;
  esac
}

echo
echo "boardsmith: set a password for root on this board"
while :; do
  ask "New password: "
  first=$answer
  if [ -z "$first" ]; then
    echo "boardsmith: an empty password will not do"
    continue
  fi
  ask "Repeat password: "
  if [ "$first" != "$answer" ]; then
    echo "boardsmith: the two differ"
    continue
  fi
  if set_password "$first" >/dev/null 2>&1; then break; fi
  echo "boardsmith: chpasswd refused it"
done
mkdir -p "${asked%/*}"
: >"$asked"
sync
echo "boardsmith: password set"
END
chmod 755 /usr/lib/boardsmith/firstboot
cat >/usr/lib/systemd/system/boardsmith-firstboot.service <<'END'
[Unit]
Description=Ask for a password for root on the console
ConditionPathExists=!/var/lib/boardsmith/asked
After=systemd-user-sessions.service plymouth-quit-wait.service
Wants=getty-pre.target
Before=getty-pre.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/lib/boardsmith/firstboot
StandardInput=tty-force
StandardOutput=tty
StandardError=tty
TTYPath=/dev/console
TTYReset=yes
TimeoutStartSec=infinity

[Install]
WantedBy=multi-user.target
END
systemctl enable boardsmith-firstboot.service
# The first boot makes these anew.
rm -f /etc/ssh/ssh_host_* /var/lib/systemd/random-seed
: >/etc/machine-id
