# Takes the root tree that KIWI prepared (/in/tree): its rpm database becomes the distribution's own kind, its packages must be
# locked ones (/in/list: lines "NAME VERSION ARCH"). REMOVES: true where the description takes packages out again.

root=/work/root
mkdir -p $root /work/home
# Before it is unpacked: what tar puts off until the end gives its folder the time of now.
: >/work/started
tar -xpf /in/tree -C $root --numeric-owner --delay-directory-restore --xattrs --xattrs-include=security.capability
export HOME=/work/home TMPDIR=/work
cat >$HOME/.rpmmacros <<'END'
%_dbpath /usr/lib/sysimage/rpm
%_db_backend ndb
END
rpmdb --root $root --rebuilddb || die "the rpm database that KIWI left cannot be read"
(cd $root/usr/lib/sysimage/rpm && rm -f rpmdb.sqlite* .rpm.lock)
same_times
pack_root

LC_ALL=C sort /in/list >/work/locked
grep -v '^gpg-pubkey ' /out/packages | LC_ALL=C comm -13 /work/locked - >/work/strange || true
LC_ALL=C comm -23 /work/locked /out/packages >/work/missing
[ ! -s /work/strange ] || die "KIWI installed what is not locked:" "$(cat /work/strange)"
if [ -s /work/missing ]; then
  [ "$REMOVES" = true ] || die "KIWI did not install all that is locked:" "$(cat /work/missing)"
  say "taken out again by the description: $(cut -d ' ' -f 1 /work/missing | tr '\n' ' ')"
fi
