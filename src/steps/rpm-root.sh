# What root filesystems of rpm packages have in common, whoever installed the packages. The tree is $root; files that are newer
# than /work/started were made here, not taken out of a package.

# devices FOLDER: those that scriptlets use; a booted system has its own.
devices() {
  mkdir -p "$1"
  while read -r name major minor; do mknod -m 666 "$1/$name" c "$major" "$minor"; done <<'END'
null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0
END
}

# What a first boot or a first use makes anew, and what differs from run to run.
settle_root() {
  (cd $root && rm -f dev/null dev/zero dev/full dev/random dev/urandom dev/tty etc/ssh/ssh_host_* etc/hostname etc/.pwd.lock \
    etc/passwd- etc/shadow- etc/group- etc/gshadow- etc/subuid- etc/subgid- var/lib/systemd/random-seed \
    var/lib/dbus/machine-id var/cache/ldconfig/aux-cache root/.bash_history usr/lib/sysimage/rpm/.rpm.lock)
  [ -L $root/etc/resolv.conf ] || rm -f $root/etc/resolv.conf
  [ ! -d $root/var/log ] || find $root/var/log -type f -newer /work/started -delete
  mkdir -p $root/etc
  : >$root/etc/machine-id
  # What packages make of /usr is made: without these a first boot runs ldconfig and its like again, see systemd.unit(5).
  for folder in etc var; do [ ! -d $root/usr/lib/systemd ] || : >$root/$folder/.updated; done
  # No password, so no day on which it was last changed.
  [ ! -f $root/etc/shadow ] || sed -i 's/^\([^:]*:[!*]*\):[0-9]*:/\1:'"$((SOURCE_DATE_EPOCH / 86400))"':/' $root/etc/shadow
  same_times
}

# Packages' own files keep the times that their packages give them; what was made here carries the build's.
same_times() { find $root -newer /work/started -print0 | xargs -0r touch -h -d "@$SOURCE_DATE_EPOCH"; }

# tar_root FILE: the tree with owners, modes, devices and capabilities.
tar_root() {
  (cd $root && find . -mindepth 1 -printf '%P\0' | LC_ALL=C sort -z) >/work/names
  tar -cf "$1" -C $root --null --no-recursion -T /work/names --numeric-owner --format=posix --xattrs \
    --xattrs-include=security.capability --pax-option=delete=atime,delete=ctime,exthdr.name=%d/PaxHeaders/%f
}

# verify_root: what rpm finds unlike its packages. Of those that an earlier run installed (/work/had) it has read every file
# then; whatever came to one since has changed its size or its time.
verify_root() {
  rpm --root $root -qa >/work/has
  touch /work/had
  grep -Fvxf /work/had /work/has | xargs -r rpm --root $root -V --nodeps --noscripts
  xargs -r rpm --root $root -V --nodeps --noscripts --nofiledigest </work/had
}

# Leaves the tree as /out/rootfs, its packages as /out/packages, and what rpm finds unlike its packages as /out/verify.
pack_root() {
  tar_root /out/rootfs &
  packing=$!
  # Scriptlets may change configuration, and ghosts are nobody's: those are meant to differ from their packages.
  verify_root >/out/verify 2>&1 || true
  rpm --root $root -qa --qf '%{NAME} %{EVR} %{ARCH}\n' | LC_ALL=C sort >/out/packages
  wait $packing || die "the root filesystem cannot be packed"
  grep -v '^.\{9\}  [cg] ' /out/verify >/work/differs || true
  say "$(wc -l </out/packages) packages installed; as their packages have them: all files but $(wc -l </work/differs), configuration aside"
  sed 's/^/  /' /work/differs
}
