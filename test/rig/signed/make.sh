#!/bin/sh
# Makes the fixtures beside it: keys, git repositories as bundles, and detached signatures. Needs git, gpg with its agent, xz.
# Run once by hand; the tests use what it left, because the machines they run on need no gpg.
set -eu
cd "$(dirname "$0")"
rm -f ./*.bundle ./*.asc ./*.xz ./*.sign
work=$(mktemp -d)
trap 'gpgconf --homedir "$work/gnupg" --kill all; rm -rf "$work"' EXIT
export GNUPGHOME=$work/gnupg HOME=$work GIT_CONFIG_NOSYSTEM=1
mkdir -m 700 "$GNUPGHOME"
for who in maker stranger; do
  gpg --batch --quiet --passphrase '' --quick-generate-key "$who <$who@example.org>" ed25519 sign never
  gpg --armor --export "$who@example.org" >$who.asc
done
git config --global user.name maker
git config --global user.email maker@example.org
git config --global init.defaultBranch main
git config --global protocol.file.allow always
git config --global advice.detachedHead false
export GIT_AUTHOR_DATE='1700000000 +0000' GIT_COMMITTER_DATE='1700000000 +0000'

git init -q "$work/deep"
(cd "$work/deep" && echo deep >deep.txt && git add . && git commit -qm deep)

git init -q "$work/lib"
(
  cd "$work/lib"
  echo lib >lib.txt
  printf 'hidden.txt export-ignore\n' >.gitattributes
  echo hidden >hidden.txt
  git submodule --quiet add "$work/deep" nested/deep
  git config -f .gitmodules submodule.nested/deep.url https://git.example/deep.git
  git add . && git commit -qm lib
)

git init -q "$work/main"
(
  cd "$work/main"
  printf 'docs/ export-ignore\nversion.txt export-subst\n' >.gitattributes
  mkdir docs
  echo text >docs/read.txt
  # shellcheck disable=SC2016 # git's own placeholder
  echo '$Format:%H$' >version.txt
  printf '#!/bin/sh\n' >run.sh
  chmod 755 run.sh
  ln -s run.sh link
  git submodule --quiet add "$work/lib" lib
  git config -f .gitmodules submodule.lib.url ../lib.git
  git add . && git commit -qm first
  git tag light
  git tag -m unsigned unsigned
  git tag -s -u maker@example.org -m v1 v1
  git tag -s -u stranger@example.org -m odd odd
  git checkout -q -b next
  echo more >more.txt
  git add . && git commit -qm second
)
for name in main lib deep; do git -C "$work/$name" bundle create -q "$PWD/$name.bundle" --all; done

mkdir "$work/thing-1.0"
echo thing >"$work/thing-1.0/thing.txt"
tar -C "$work" --mtime=@1700000000 --owner=0 --group=0 --numeric-owner -cf "$work/thing-1.0.tar" thing-1.0
xz -k "$work/thing-1.0.tar"
cp "$work/thing-1.0.tar.xz" .
# As kernel.org does: the signature is of the bare tar.
gpg --batch --armor -u maker@example.org --detach-sign -o thing-1.0.tar.sign "$work/thing-1.0.tar"
gpg --batch --armor -u maker@example.org --detach-sign -o thing-1.0.tar.xz.sign thing-1.0.tar.xz
gpg --batch --armor -u stranger@example.org --detach-sign -o thing-1.0.tar.stranger.sign "$work/thing-1.0.tar"
