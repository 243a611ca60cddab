# Bootstraps a Debian root filesystem from the locked packages (/in/packages, a tar of .deb files) with mmdebstrap:
# no network, no mount, no privilege; maintainer scripts run under user-mode emulation.
# ARCH: Debian's name of the architecture. WANTED: the packages the recipe names; all others count as automatic.
# MERGE_USR: set for releases whose packages still have files in /lib and /bin, of which a new root makes links into /usr.


can_run() { chroot "$1" /bin/true 2>/dev/null; }

# lend DIR: puts the tool image's own dpkg-deb and tar, with the libraries they need, into the new root for as long as it is
# made. Unpacking is most of the work, and emulated it takes three times as long. Their folders are a foreign
# architecture's, which no package of the new root touches.
lend() {
  [ "$(dpkg --print-architecture)" != "$ARCH" ] || return 0
  mkdir -p "$1/.native"
  for tool in dpkg-deb dpkg-split tar rm; do
    path=$(command -v $tool)
    cp -L "$path" "$1/.native/"
    ldd "$path" | sed -n -e 's/.*=> \(\/[^ ]*\).*/\1/p' -e 's/^[[:space:]]*\(\/[^ ]*\).*/\1/p' | while read -r library; do
      # The loader's /lib64 must be a link like /lib, or base-files takes the root for one with /usr apart.
      folder=$(readlink -f "${library%/*}")
      top=/$(echo "$library" | cut -d / -f 2)
      mkdir -p "$1$folder"
      if [ -L "$top" ] && [ ! -e "$1$top" ]; then
        ln -s "usr$top" "$1$top" && echo "$top" >>/work/lent
      fi
      [ -e "$1$library" ] || { cp -L "$library" "$1$library" && echo "$library" >>/work/lent; }
    done
  done
}

# take_back DIR: removes what was lent, and folders that are empty without it.
take_back() {
  rm -rf "$1/.native"
  [ -f /work/lent ] || return 0
  # Libraries first, then the links that lead to them.
  awk '{ print gsub("/", "/"), $0 }' /work/lent | sort -rn | while read -r _ path; do
    folder=$(readlink -f "$1${path%/*}")
    rm -f "$1$path"
    # A folder may be gone already: with what was lent into it, or by what merges /usr.
    [ "$folder" = "$1" ] || [ ! -d "$folder" ] || (cd "$1" && rmdir -p --ignore-fail-on-non-empty "${folder#"$1/"}")
  done
}

# tidy DIR: what a first boot or a first use makes anew, what names this container, and what differs from run to run.
tidy() {
  root=$1
  rm -f "$root"/etc/ssh/ssh_host_* "$root"/etc/.pwd.lock "$root"/etc/passwd- "$root"/etc/shadow- "$root"/etc/group- \
    "$root"/etc/gshadow- "$root"/etc/subuid- "$root"/etc/subgid- "$root"/var/cache/ldconfig/aux-cache "$root"/etc/hostname \
    "$root"/etc/.resolv.conf.systemd-resolved.bak "$root"/var/lib/systemd/random-seed \
    "$root"/var/lib/dbus/machine-id "$root"/var/cache/debconf/*-old "$root"/var/lib/dpkg/*-old "$root"/var/lib/dpkg/arch \
    "$root"/etc/apt/apt.conf.d/*mmdebstrap "$root"/etc/dpkg/dpkg.cfg.d/*mmdebstrap "$root"/root/.bash_history \
    "$root"/etc/mailname
  # resolv.conf may be a link into /run that a package made; a file is the container's.
  [ -L "$root/etc/resolv.conf" ] || rm -f "$root/etc/resolv.conf"
  find "$root/var/log" "$root/var/cache/man" "$root/var/cache/apt" "$root/var/lib/apt/lists" -type f -delete 2>/dev/null || true
  find "$root" -xdev \( -name __pycache__ -o -name '*.pyc' \) -prune -exec rm -rf {} +
  : >"$root/etc/machine-id"
  # What packages make of /usr is made: without these a first boot runs ldconfig and its like again, see systemd.unit(5).
  for folder in etc var; do [ ! -d "$root/usr/lib/systemd" ] || : >"$root/$folder/.updated"; done
  # No password, so no day on which it was last changed.
  [ ! -f "$root/etc/shadow" ] || sed -i 's/^\([^:]*:[!*]*\):[0-9]*:/\1:'"$((SOURCE_DATE_EPOCH / 86400))"':/' "$root/etc/shadow"
  if [ -d "$root/etc/apt" ]; then
    echo "# Where packages come from is for this system's owner to say; see sources.list(5)." >"$root/etc/apt/sources.list"
    mark "$root"
  fi
  dpkg-query --admindir="$root/var/lib/dpkg" -W -f '${Package} ${Version} ${Architecture}\n' | LC_ALL=C sort >/out/packages
}

# mark DIR: what the recipe did not name is there because something needs it, and may go with it.
mark() {
  mkdir -p "$1/var/lib/apt"
  dpkg-query --admindir="$1/var/lib/dpkg" -W -f '${Package} ${Architecture}\n' | LC_ALL=C sort | while read -r name arch; do
    case " $WANTED " in *" $name "*) continue ;; esac
    [ "$arch" != all ] || arch=$ARCH
    printf 'Package: %s\nArchitecture: %s\nAuto-Installed: 1\n\n' "$name" "$arch"
  done >"$1/var/lib/apt/extended_states"
}

# mmdebstrap's hooks call this file again as HOOK DIR.
case ${1-} in
  lend | take_back | tidy)
    "$@"
    exit 0
    ;;
  check)
    can_run "$2" || die "this machine does not run $ARCH programs" \
      "register user-mode emulation: sudo apt-get install qemu-user-static binfmt-support"
    exit 0
    ;;
esac

repository=/work/repository
mkdir -p "$repository" /work/tmp
tar -xf /in/packages -C "$repository" --no-same-owner
# The packages were checked against the lock when they were fetched, so this repository needs no signature.
(cd "$repository" && dpkg-scanpackages --multiversion . >Packages 2>/dev/null)
include=$(sed -n 's/^Package: //p' "$repository/Packages" | LC_ALL=C sort -u | paste -sd, -)
[ -n "$include" ] || die "the tar of packages holds no .deb file"
for name in $WANTED; do
  case ",$include," in *",$name,"*) ;; *) die "package $name is not among the locked ones" "run: boardsmith lock --update" ;; esac
done

say "bootstrapping $(echo "$include" | tr , '\n' | wc -l) packages for $ARCH"
# The hooks' shell is mmdebstrap's, so they get by environment what they need.
export TMPDIR=/work/tmp ARCH WANTED
export DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true PYTHONDONTWRITEBYTECODE=1

bootstrap() {
  PATH=/.native:$PATH mmdebstrap --mode=root --variant=essential --format=tar --architectures="$ARCH" --include="$include" \
    --skip=check/qemu,check/signed-by,chroot/mount,output/dev \
    --aptopt='APT::Sandbox::User "root"' --aptopt='APT::Install-Recommends "false"' --dpkgopt=force-unsafe-io \
    --aptopt='DPkg::Path "/.native:/usr/sbin:/usr/bin:/sbin:/bin"' \
    ${MERGE_USR:+--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr} \
    --extract-hook='sh -eu /step.sh lend "$1"' --extract-hook='sh -eu /step.sh check "$1"' \
    --customize-hook='sh -eu /step.sh take_back "$1"' --customize-hook='sh -eu /step.sh tidy "$1"' \
    '' /out/rootfs "deb [trusted=yes] copy:$repository ./"
}

# What mmdebstrap would like to mount and may not is known and does no harm: those lines only alarm.
{ bootstrap 2>&1 || echo failed >/work/failed; } | grep --line-buffered -v -e chroot/mount -e CAP_SYS_ADMIN \
  -e make-rprivate -e 'unshare failed' -e 'dmesg(1)' -e 'unshare --mount' -e 'mount: /: permission denied' || true
[ ! -e /work/failed ] || die "mmdebstrap failed; its last lines say why"
say "$(wc -l </out/packages) packages installed"
