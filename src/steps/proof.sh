# Makes the card that QEMU gets, in /card, from /in/image, which stays as it is; leaves QEMU's version in /card/version,
# and /card/without-wizard where it took away what starts a first-boot wizard.
#   CARD_SIZE    bytes of the card, a power of two, at least the image's size
#   PASSWORD     set: root's password for a copy that is thrown away after the boot; empty: the image is booted as it is
#   SERVED       set: /in/tftp is a tar that the board gets by TFTP, its root file system is not on the card
#   ROOT_OFFSET  byte at which the ext4 root file system starts (only with PASSWORD)

qemu-system-arm --version | sed -n 's/^QEMU emulator version \([^ ]*\).*/\1/p' >/card/version

hash=
if [ -n "$PASSWORD" ]; then hash=$(perl -e 'print crypt($ENV{PASSWORD}, "\$6\$boardsmith\$")'); fi

if [ -n "$SERVED" ]; then
  mkdir /card/tftp
  tar -xf /in/tftp -C /card/tftp --no-same-owner
  # The NFS server gives root this password; the card has no root.
  printf '%s' "$hash" >/card/root-hash
  hash=
fi

if [ -z "$hash" ]; then
  if [ "$(stat -c %s /in/image)" -ne "$CARD_SIZE" ]; then
    # The card is larger than the image: what lies behind the image reads as zeros.
    qemu-img create -q -f qcow2 -b /in/image -F raw /card/card.qcow2 "$CARD_SIZE"
  fi
  exit 0
fi

cp --sparse=always /in/image /card/card.raw
truncate -s "$CARD_SIZE" /card/card.raw
fs="/card/card.raw?offset=$ROOT_OFFSET"

# A root file system without shadow passwords keeps them in passwd.
edited=
for file in shadow passwd; do
  debugfs -R "dump /etc/$file /work/$file" "$fs" 2>/dev/null
  if ! grep -q '^root:' "/work/$file" 2>/dev/null; then continue; fi
  if [ "$file" = passwd ] && grep -q '^root:x:' /work/passwd; then continue; fi
  # Field 2 is the password; an expired one (field 3 of shadow is 0) would have to be changed at login.
  HASH=$hash FILE=$file perl -pe '
    my @f = split /:/, $_, -1;
    if ($f[0] eq "root") { $f[1] = $ENV{HASH}; $f[2] = "19000" if $ENV{FILE} eq "shadow"; $_ = join ":", @f; }
  ' "/work/$file" >"/work/$file.new"
  mode=$(debugfs -R "stat /etc/$file" "$fs" 2>/dev/null | sed -n 's/.*Mode: *\([0-7]*\).*/\1/p')
  group=$(debugfs -R "stat /etc/$file" "$fs" 2>/dev/null | sed -n 's/.*Group: *\([0-9]*\).*/\1/p')
  debugfs -w -f - "$fs" >/work/debugfs.log 2>&1 <<EDIT
rm /etc/$file
write /work/$file.new /etc/$file
set_inode_field /etc/$file mode 0100${mode#0}
set_inode_field /etc/$file gid $group
EDIT
  debugfs -R "dump /etc/$file /work/$file.now" "$fs" 2>/dev/null
  if ! cmp -s "/work/$file.new" "/work/$file.now"; then
    cat /work/debugfs.log >&2
    die "the copy's /etc/$file could not be edited"
  fi
  edited=yes
  break
done
# A wizard with menus (YaST's, jeos-firstboot) would wait for a person: it runs while this file is there.
trigger=/var/lib/YaST2/reconfig_system
if debugfs -R "stat $trigger" "$fs" 2>/dev/null | grep -q '^Inode:'; then
  : >/work/machine-id
  debugfs -w -f - "$fs" >/work/debugfs.log 2>&1 <<EDIT
rm $trigger
rm /etc/machine-id
write /work/machine-id /etc/machine-id
EDIT
  if debugfs -R "stat $trigger" "$fs" 2>/dev/null | grep -q '^Inode:'; then
    cat /work/debugfs.log >&2
    die "the first-boot wizard of the copy could not be switched off"
  fi
  : >/card/without-wizard
  say "the first-boot wizard does not run in that copy"
fi
[ -n "$edited" ] || die "the root file system has no root in /etc/shadow or /etc/passwd"
say "root has a password of the proof's own in a copy of the card"
