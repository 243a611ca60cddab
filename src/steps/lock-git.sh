# Asks git servers which commit a branch or tag is now (/in/refs: lines "NAME KIND REF URL", KIND heads or tags).
# Leaves /out/commits: lines "NAME COMMIT". An annotated tag gives the commit it stands for. For a name that
# is not there, /out/names has those that are: lines "NAME REF".

export GIT_TERMINAL_PROMPT=0 HOME=/work
printf '%s\n' "${MIRRORS:-}" | while read -r from to; do
  [ -z "$from" ] || git config --global --add "url.$to.insteadOf" "$from"
done

: >/out/commits
while read -r name kind ref url; do
  if ! git ls-remote "$url" "refs/$kind/*" >/work/refs 2>/work/err; then
    diagnostic error git-unreachable "cannot ask $url for source \"$name\": $(sed -n 's/^\(fatal\|error\|remote\): //p' /work/err | head -n 1)" "" 0 0 0 "" \
      "if the host is gone, name another place for it: --mirror $url=https://mirror.example/repository.git"
    continue
  fi
  commit=$(awk -v ref="refs/$kind/$ref" '$2 == ref { plain = $1 } $2 == ref "^{}" { peeled = $1 } END { print peeled ? peeled : plain }' /work/refs)
  if [ -z "$commit" ]; then
    sed -n "s|^[0-9a-f]*\trefs/$kind/|$name |p" /work/refs | grep -v '\^{}$' >>/out/names || true
    continue
  fi
  echo "$name $commit" >>/out/commits
done </in/refs
