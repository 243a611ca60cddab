# Installs the locked packages (/in/packages, a tar of .rpm files) into an empty root, or into the one that an earlier run
# left (/in/base), in one rpm transaction: no network, no mount, no privilege; scriptlets run under user-mode emulation.
# ARCH: rpm's name of the architecture.

root=/work/root
mkdir -p $root /work/rpms /work/home
tar -xf /in/packages -C /work/rpms --no-same-owner
ls /work/rpms >/work/list
[ -s /work/list ] || die "the tar of packages holds no .rpm file"

# The distribution's own places for the database; scriptlets may not be unshared from the network without a privilege that
# this container has not, and it has no network anyway. Signatures and checksums were looked at when the packages were fetched.
export HOME=/work/home TMPDIR=/work
# Kernels and some other packages have an initrd made when all are installed, by dracut and for minutes under emulation. The
# image gets one of boardsmith's own or none, and without a dracut at this place they leave it at a line (suse-module-tools,
# regenerate-initrd-posttrans).
export DRACUT=/none/dracut
cat >$HOME/.rpmmacros <<'END'
%_dbpath /usr/lib/sysimage/rpm
%_db_backend ndb
%__transaction_unshare %{nil}
%_excludedocs 1
END

# The tar is written to the disk once it is whole; until then rpm need not wait for it. Scriptlets live in a root of their own,
# where this file is not.
find /usr/lib -name libeatmydata.so >/etc/ld.so.preload

had=0
if [ -e /in/base ]; then
  # In the order of names `system-generators` stands between the folder `system` and what is in it.
  tar -xf /in/base -C $root --numeric-owner --delay-directory-restore --xattrs --xattrs-include=security.capability
  had=$(rpm --root $root -qa | wc -l)
fi

# Devices that scriptlets use; a booted system has its own.
mkdir -p $root/dev
while read -r name major minor; do mknod -m 666 "$root/dev/$name" c "$major" "$minor"; done <<'END'
null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0
END

: >/work/started
say "installing $(wc -l </work/list) packages for $ARCH"
# As many progress lines as packages, then what scriptlets and rpm say: an error belongs to the package that stands above it.
install_all() {
  cd /work/rpms
  rpm --root $root --ignorearch --ignoreos --nosignature --nodigest --nofiledigest -iv -- *.rpm && : >/work/done
}
# In memory: the disk may be what is full.
log=/dev/shm/rpm.log
(install_all 2>&1 || true) | tee $log
failure=$(sed -n 's/^\(error\|warning\): \(%[a-z]*([^)]*)\) scriptlet failed, \(.*\)$/\2 \3/p' $log | head -n 1)
if [ -n "$failure" ]; then
  name=${failure%% *}
  printed=$(awk -v name="$name" '
    index($0, name " scriptlet failed") { exit }
    { text = text $0 "\n" }
    /^[^ ]+-[^ -]+-[^ -]+\.[a-z0-9_]+$/ { text = "" }
    END { printf "%s", text }' $log | tail -n 20)
  diagnostic error scriptlet-failed "the scriptlet $name failed with ${failure#* }" "" 0 0 0 "" "${printed:+it printed:
$printed
}a package that cannot be installed here can be kept out with rootfs.exclude"
  exit 1
fi
# rpm reckons up beforehand: the first package that does not fit, and in the last of such lines what all of them want. Where
# it could not know, the archive of a package breaks off while it is written.
full=$(awk '
  / needs [0-9]+[KMG]?B more space on the .* filesystem$/ {
    if (name == "") name = $3
    more = $5
  }
  /^error: unpacking of archive failed .*: cpio: write failed/ { broken = 1; next }
  broken && name == "" && / install failed$/ { name = substr($2, 1, length($2) - 1) }
  { broken = 0 }
  END { if (name != "") print name, more }' $log)
if [ -n "$full" ]; then
  more=${full#* }
  diagnostic error disk-full "the disk is full while installing ${full%% *}${more:+: $more more are needed for all packages}" "" 0 0 0 "" \
    "packages are unpacked where the container engine keeps its containers (\`docker info\`: Docker Root Dir); $(df -h --output=avail /work | sed -n '2s/ //gp') are free there"
  exit 1
fi
[ -e /work/done ] || die "rpm could not install the packages; its last lines say why"

# What a first boot or a first use makes anew, and what differs from run to run.
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
# Packages' own files keep the times that their packages give them; what was made here carries the build's.
find $root -newer /work/started -print0 | xargs -0r touch -h -d "@$SOURCE_DATE_EPOCH"

(cd $root && find . -mindepth 1 -printf '%P\0' | LC_ALL=C sort -z) >/work/names
tar -cf /out/rootfs -C $root --null --no-recursion -T /work/names --numeric-owner --format=posix --xattrs \
  --xattrs-include=security.capability --pax-option=delete=atime,delete=ctime,exthdr.name=%d/PaxHeaders/%f &
packing=$!
# Scriptlets may change configuration, and ghosts are nobody's: those are meant to differ from their packages.
rpm --root $root -Va --nodeps --noscripts >/out/verify 2>&1 || true
rpm --root $root -qa --qf '%{NAME} %{EVR} %{ARCH}\n' | LC_ALL=C sort >/out/packages
wait $packing || die "the root filesystem cannot be packed"
[ "$(wc -l </out/packages)" = "$((had + $(wc -l </work/list)))" ] || die "rpm installed other packages than the locked ones"
grep -v '^.\{9\}  [cg] ' /out/verify >/work/differs || true
say "$(wc -l </out/packages) packages installed; as their packages have them: all files but $(wc -l </work/differs), configuration aside"
sed 's/^/  /' /work/differs
