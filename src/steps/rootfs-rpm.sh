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

# What earlier runs installed.
: >/work/had
if [ -e /in/base ]; then
  # In the order of names `system-generators` stands between the folder `system` and what is in it.
  tar -xf /in/base -C $root --numeric-owner --delay-directory-restore --xattrs --xattrs-include=security.capability
  rpm --root $root -qa >/work/had
fi

devices $root/dev

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

settle_root
pack_root
[ "$(wc -l </out/packages)" = "$(cat /work/had /work/list | wc -l)" ] || die "rpm installed other packages than the locked ones"
