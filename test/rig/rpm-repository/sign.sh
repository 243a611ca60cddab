# Signs the packages of /in/packages (a tar) and makes an rpm-md repository of them whose metadata is signed, /out/repository.
# The secret key is /in/secret, or a new one that is left as /out/secret with its public half as /out/key.

repository=/work/repository
mkdir -p $repository
tar -xf /in/packages -C $repository

export GNUPGHOME=/work/gnupg
mkdir -p -m 700 $GNUPGHOME
if [ -f /in/secret ]; then
  gpg --batch --quiet --import /in/secret
else
  gpg --batch --quiet --passphrase '' --quick-generate-key "stand-in for openSUSE <stand-in@example.org>" rsa3072 sign never
  gpg --batch --quiet --armor --export-secret-keys >/out/secret
  gpg --batch --quiet --armor --export >/out/key
fi
find $repository -name '*.rpm' -print0 | xargs -0 rpmsign --define '_gpg_name stand-in@example.org' --addsign >/dev/null 2>/work/log || { cat /work/log; exit 1; }
(cd $repository && createrepo_c --quiet --general-compress-type "${COMPRESSION:-zstd}" --revision 20250101 --set-timestamp-to-revision .)
gpg --batch --quiet --yes --armor --detach-sign $repository/repodata/repomd.xml
tar -cf /out/repository -C $repository .
