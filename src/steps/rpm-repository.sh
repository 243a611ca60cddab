# rpm-md repositories: their metadata, fetched and checked. REPOSITORIES is a file of lines "NUMBER PRIORITY NAME URL"; the
# keys of repository NUMBER are /in/key-NUMBER-*, and one without keys is taken unsigned.
# What a repository consists of: repodata/repomd.xml names each file of metadata with its checksum, repomd.xml.asc signs it.

# web_get URL FILE: fetches a file by way of the mirror map. The reason why not is left in FILE.why.
web_get() {
  from=$(rewrite "$1")
  curl -fsSL --retry 3 --connect-timeout 30 --speed-time 60 --speed-limit 1 -o "$2" "$from" 2>"$2.err" && return
  why=$(sed -n 's/^curl: ([0-9]*) //p' "$2.err" | head -n 1)
  if [ "$from" = "$1" ]; then echo "$from: $why" >"$2.why"; else echo "$from, mirror of $1: $why" >"$2.why"; fi
  return 1
}

# repository_refused CODE NAME MESSAGE [HELP]
repository_refused() {
  diagnostic error "$1" "repository \"$2\" $3" "" 0 0 0 "" "${4-}"
  exit 1
}

# repository_open NUMBER NAME URL: its repomd.xml into /work/repositories/NAME, with a list of what that names.
repository_open() {
  folder=/work/repositories/$2
  mkdir -p "$folder"
  web_get "$3/repodata/repomd.xml" "$folder/repomd.xml" ||
    repository_refused repository-unreachable "$2" "cannot be reached: $(cat "$folder/repomd.xml.why")" \
      "is its URL the folder that repodata/ is in? Another place is named by --mirror FROM=TO"
  if [ -e "/in/key-$1-0" ]; then
    web_get "$3/repodata/repomd.xml.asc" "$folder/repomd.xml.asc" ||
      repository_refused signature-not-trusted "$2" "is not signed: $(cat "$folder/repomd.xml.asc.why")" \
        "a repository that nobody signs is taken with \`unsigned: true\`"
    trust_keys "/in/key-$1-"
    verify "$folder/repomd.xml.asc" "$folder/repomd.xml" >"$folder/status"
    verdict=$(signature_verdict "$folder/status")
    [ "$verdict" = good ] || repository_refused signature-not-trusted "$2" "is not to be trusted: its repomd.xml $verdict" \
      "a key that its distribution has changed goes into the repository's \`keys:\`"
  fi
  python3 /in/rpm-metadata.py "$folder/repomd.xml" >"$folder/list" ||
    repository_refused repository-unusable "$2" "is no rpm-md repository: its repomd.xml cannot be read"
}

# repository_take TYPE NAME URL: the metadata of a type (primary, filelists), checked. Says no when there is none.
repository_take() {
  folder=/work/repositories/$2
  read -r _ algorithm checksum path <<END
$(grep "^$1 " "$folder/list" || true)
END
  [ -n "$path" ] || return 1
  file=$folder/$1.${path##*.}
  web_get "$3/$path" "$file" ||
    repository_refused repository-unusable "$2" "lacks what its repomd.xml names: $(cat "$file.why")" \
      "a mirror may be in the middle of an update: try later, or another one with --mirror FROM=TO"
  case $algorithm in
    sha256 | sha512) ;;
    *) repository_refused repository-unusable "$2" "names its metadata by $algorithm checksums only; sha256 or sha512 is wanted" ;;
  esac
  got=$("${algorithm}sum" <"$file" | cut -d ' ' -f 1)
  [ "$got" = "$checksum" ] || repository_refused hash-mismatch "$2" \
    "sent another ${path##*/} than its repomd.xml names: $algorithm is $got, $checksum was named" \
    "a mirror may be in the middle of an update: try later, or another one with --mirror FROM=TO"
}
