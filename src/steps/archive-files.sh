# Fetches locked files of the archive (/in/list: lines "SHA256 PATH", paths below the archive's root), several at once, and
# leaves them as one tar, /out/$OUTPUT. Called again for each file as `step.sh one SHA256 PATH`.

if [ "${1-}" = one ]; then
  file=/work/files/${3##*/}
  if kept_package sha256 "$2" "$file" && [ "$(sha256sum <"$file" | cut -d ' ' -f 1)" = "$2" ]; then exit 0; fi
  archive_fetch "$3" "$2" /work/files
  keep_package "$file" sha256 "$2"
  say "${3##*/}"
  exit 0
fi

mkdir -p /work/files
archive_roots_once >/dev/null
say "fetching $(wc -l </in/list) files from the archive"
xargs -P 6 -n 2 sh -eu /step.sh one </in/list || die "some files cannot be had from the archive"
forget_packages
# The tar is named by what is in it: the recipe's epoch stays out.
SOURCE_DATE_EPOCH=0 pack_tar "/out/$OUTPUT" /work/files
