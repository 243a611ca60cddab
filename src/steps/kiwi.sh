# Runs `kiwi-ng system prepare` over a description (/in/description, a tar of its folder) with the locked packages (/in/packages,
# a tar of .rpm files; their names: /in/names) and leaves the root tree as /out/tree. No network, no mount, no privilege:
# kiwi-mount.sh stands for what KIWI would mount. ARCH: rpm's name of the architecture; PROFILES: the description's, by lines;
# LVM: true where the description's own image type has volume groups.

export ROOT=/work/root
root=$ROOT
mkdir -p /work/description /work/repository /work/bin /work/home/.config/kiwi
tar -xf /in/description -C /work/description --no-same-owner
if [ "$LVM" = true ]; then
  sh /in/preflight.sh /work/description >/work/missing || {
    diagnostic error no-vgs "$(sed -n 1p /work/missing)" "" 0 0 0 "" "$(sed 1d /work/missing)"
    exit 1
  }
fi
tar -xf /in/packages -C /work/repository --no-same-owner
createrepo_c -q /work/repository >/work/log 2>&1 || { cat /work/log; die "no repository can be made of the locked packages"; }
for name in mount umount mountpoint; do
  cp /in/mount.sh /work/bin/$name
  chmod +x /work/bin/$name
done

export HOME=/work/home TMPDIR=/work ZYPP_SINGLE_RPMTRANS=1
# This rpm knows no ndb, the distribution's own kind of database: the next step makes one of it.
cat >$HOME/.rpmmacros <<'END'
%_dbpath /usr/lib/sysimage/rpm
%_db_backend sqlite
END
# What a card that KIWI itself writes would need in its initrd: this one is boardsmith's.
cat >$HOME/.config/kiwi/config.yml <<'END'
runtime_checks:
  - disable:
      - check_dracut_module_for_oem_install_in_package_list
      - check_dracut_module_for_disk_oem_in_package_list
END

file=config.xml
[ -e /work/description/config.xml ] || file=$(cd /work/description && ls -- *.kiwi)
xargs python3 /in/description.py "/work/description/$file" /work/repository </in/names
set --
while read -r profile; do [ -z "$profile" ] || set -- "$@" --profile "$profile"; done <<END
$PROFILES
END

: >/work/started
say "kiwi-ng $(dpkg-query -W -f '${Version}' kiwi) prepares $(wc -l </in/names) packages for $ARCH"
# Everything is in the log; what is for people comes through, the progress bar in front of a line does not.
prepare() {
  PATH=/work/bin:$PATH kiwi-ng --debug --target-arch "$ARCH" "$@" system prepare --description /work/description --root $root &&
    : >/work/done
}
(prepare "$@" 2>&1 || true) | tr '\r' '\n' | sed -u 's/^\[ INFO *\]: Processing: \[[# ]*\] [0-9]*%//' | tee /work/log |
  sed -n -e 's/^\[ DEBUG *\]: [0-9:]* | bootstrap: \(([0-9/]*) Installing: [^ ]*\).*/\1/p' \
    -e '/| --> package: /d' -e 's/^\[ \(INFO\|WARNING\) *\]: [0-9:]* | \(.\)/\2/p'

failure=$(sed -n 's/^.*\(error\|warning\): \(%[a-z]*([^)]*)\) scriptlet failed, \(.*\)$/\2 failed with \3/p' /work/log | head -n 1)
if [ -n "$failure" ]; then
  printed=$(grep -B 12 -m 1 'scriptlet failed' /work/log | sed 's/^\[[^]]*\]: [0-9:]* | //')
  diagnostic error scriptlet-failed "the scriptlet $failure" "" 0 0 0 "" "$printed
a package that cannot be installed here can be kept out with <ignore name=\"…\"/> in the description"
  exit 1
fi
if [ ! -e /work/done ]; then
  # From its own word for it to the next line of its log: the message may have several lines.
  awk '/^\[ ERROR/ { found = 1; text = ""; sub(/^[^|]*\| (Kiwi[A-Za-z]*: *)?/, "") } /^\[ (INFO|DEBUG|WARNING)/ { found = 0 }
    found { text = text $0 "\n" } END { printf "%s", text }' /work/log | grep . >/work/why || true
  # What a script of the description printed, in which KIWI ran it.
  sed -n '/| -*out start-*$/,/| -*out stop-*$/s/^\[ DEBUG *\]: [0-9:]* | //p' /work/log | grep -v '^-*out st' | tail -n 12 >/work/printed || true
  tail -n 40 /work/log
  diagnostic error kiwi-failed "kiwi-ng cannot prepare the description: $(sed -n '1{ s/: *$//; p; }' /work/why)" "" 0 0 0 "" \
    "$(sed '1d; 20q' /work/why; [ ! -s /work/printed ] || { echo "it printed:"; cat /work/printed; })"
  exit 1
fi

# KIWI's own belongings, which its image step takes out.
(cd $root && rm -rf image .kiwi_* kiwi_* var/cache/kiwi var/cache/zypp var/log/zypp var/log/zypper.log var/lib/zypp/AnonymousUniqueId \
  dev/fd dev/stdin dev/stdout dev/stderr dev/pts dev/console work)
[ ! -f $root/etc/shadow ] || sed -i 's/^\([^:]*:[^:]*\):[0-9]*:/\1:'"$((SOURCE_DATE_EPOCH / 86400))"':/' $root/etc/shadow
settle_root
tar_root /out/tree
say "$(tr -dc "\\0" </work/names | wc -c) files and folders"
