# Fetches one commit of a git repository, with its submodules when SUBMODULES=1, as a tar of the tree.
# COMMIT is the pin; URL and MIRRORS say where to look. TAG and /in/key-N: the tag that must be signed by one of the keys.

export GIT_TERMINAL_PROMPT=0 HOME=/work GIT_DIR=/work/git
git init -q --bare $GIT_DIR
printf '%s\n' "${MIRRORS:-}" | while read -r from to; do
  [ -z "$from" ] || git config --global --add "url.$to.insteadOf" "$from"
done
git config --global protocol.file.allow never
git config --global advice.detachedHead false

# fetch_commit URL COMMIT: only that commit where the server allows it, everything otherwise.
fetch_commit() {
  git fetch -q --no-tags --depth 1 "$1" "$2" 2>/work/fetch.err && return
  say "the server gives no single commit ($(sed -n 's/^\(fatal\|error\): //p' /work/fetch.err | head -n 1)); fetching all of $1"
  git fetch -q --no-tags "$1" '+refs/heads/*:refs/all/heads/*' '+refs/tags/*:refs/all/tags/*' 2>/work/fetch.err || {
    diagnostic error git-unreachable "cannot fetch $1: $(sed -n 's/^\(fatal\|error\): //p' /work/fetch.err | head -n 1)" "" 0 0 0 "" \
      "if the host is gone, name another place for it: --mirror $1=https://mirror.example/repository.git"
    exit 1
  }
  git cat-file -e "$2^{commit}" 2>/dev/null || {
    diagnostic error git-commit-gone "$1 has no commit $2" "" 0 0 0 "" "lock a newer one with \`boardsmith lock --update\`, or name a mirror that has it: --mirror FROM=TO"
    exit 1
  }
}

# check_tag: TAG is signed by one of the keys and names COMMIT.
check_tag() {
  git fetch -q --no-tags --depth 1 "$URL" "+refs/tags/$TAG:refs/tags/$TAG" || die "cannot fetch tag $TAG of $URL"
  named=$(git rev-parse "refs/tags/$TAG^{commit}")
  [ "$named" = "$COMMIT" ] || refuse_tag "names commit $named, but $COMMIT was locked: the tag was moved"
  [ "$(git cat-file -t "refs/tags/$TAG")" = tag ] || refuse_tag "is a lightweight tag, which carries no signature"
  trust_keys
  # A signed tag is the text that was signed, and behind it the armored signature (git's gpg-interface.c).
  git cat-file tag "refs/tags/$TAG" >/work/tag
  sed '/^-----BEGIN PGP SIGNATURE-----$/,$d' /work/tag >/work/tag.text
  sed -n '/^-----BEGIN PGP SIGNATURE-----$/,$p' /work/tag >/work/tag.sig
  if [ -s /work/tag.sig ]; then verify /work/tag.sig /work/tag.text >/work/verify; else : >/work/verify; fi
  verdict=$(signature_verdict /work/verify)
  [ "$verdict" = good ] || refuse_tag "$verdict"
  say "tag $TAG: good signature by $(signature_key /work/verify)"
}

refuse_tag() {
  diagnostic error tag-not-trusted "tag \"$TAG\" of $URL $1" "" 0 0 0 "" "check with the project who signs its tags; \`keys:\` of the source lists whom you trust"
  exit 1
}

[ -z "${TAG-}" ] || check_tag
git cat-file -e "$COMMIT^{commit}" 2>/dev/null || fetch_commit "$URL" "$COMMIT"
git cat-file -e "$COMMIT^{commit}" 2>/dev/null || die "fetched $URL, but it did not bring commit $COMMIT"

# Submodules go into one merged tree, so that there is one archive in git's own order. A line of /work/modules:
# FOLDER COMMIT URL, of the repositories that are in the tree so far.
export GIT_INDEX_FILE=/work/index
mkdir -p /work/tree
git read-tree "$COMMIT"
tree=$COMMIT^{tree}
if [ "$SUBMODULES" = 1 ]; then
  printf '\t%s\t%s\n' "$COMMIT" "$URL" >/work/submodules
  while [ -s /work/submodules ]; do
    IFS="$(printf '\t')" read -r at commit url <<EOF
$(head -n 1 /work/submodules | sed 's/^\t/.\t/')
EOF
    sed -i 1d /work/submodules
    [ "$at" != . ] || at=
    git ls-tree -r -z "$commit" | tr '\n\0' '\1\n' | sed -n 's/^160000 commit \([0-9a-f]*\)\t/\1\t/p' >/work/links
    while IFS="$(printf '\t')" read -r sub path; do
      name=$(git config --blob "$commit:.gitmodules" --get-regexp '^submodule\..*\.path$' 2>/dev/null |
        awk -v path="$path" '{ key = $1; sub(/^[^ ]* /, ""); if ($0 == path) { sub(/\.path$/, "", key); print key; exit } }')
      [ -n "$name" ] || die "$url has a submodule at $path that its .gitmodules does not name"
      suburl=$(git config --blob "$commit:.gitmodules" --get "$name.url") || die "submodule $path of $url has no url in .gitmodules"
      suburl=$(join_url "$url" "$suburl")
      say "submodule $at$path: $suburl $sub"
      git cat-file -e "$sub^{commit}" 2>/dev/null || fetch_commit "$suburl" "$sub"
      # Both insist on a work tree, though neither looks at it: an empty folder will do.
      GIT_WORK_TREE=/work/tree git update-index --force-remove "$at$path"
      GIT_WORK_TREE=/work/tree git read-tree -i --prefix="$at$path/" "$sub"
      printf '%s\t%s\t%s\n' "$at$path/" "$sub" "$suburl" >>/work/submodules
    done </work/links
  done
  tree=$(git write-tree)
fi

# What .gitattributes leaves out of or writes into archives must not count: the tree is what a checkout would give.
mkdir -p $GIT_DIR/info
echo '* -export-ignore -export-subst' >$GIT_DIR/info/attributes
git -c tar.umask=0022 archive --format=tar --mtime="@$(git log -1 --format=%ct "$COMMIT")" -o /out/source "$tree"
say "tree of $COMMIT: $(git ls-files | wc -l) files"
