# Fetches locked packages (/in/list: lines "REPOSITORY ALGORITHM CHECKSUM FILE URL"), several at once, and leaves them as one tar,
# /out/packages. Each must have its locked checksum; one that carries a signature must carry one by a key of its repository,
# /in/key-REPOSITORY-*. One without is vouched for by the repository's signed metadata, where the locked checksum is from.

files=/work/files
mkdir -p $files
say "fetching $(wc -l </in/list) packages"

# get LIST: one curl for all, with its connections kept; what it says of single files is not asked here.
get() {
  while read -r _ _ _ name url; do printf 'url = "%s"\noutput = "%s/%s"\n' "$(rewrite "$url")" "$files" "$name"; done <"$1" >/work/curl
  curl --parallel --parallel-max 8 -fsSL --retry 4 --connect-timeout 30 --speed-time 60 --speed-limit 1 -K /work/curl \
    >/work/curl.log 2>&1 || true
}

# unlike LIST: the lines whose file is not there or another.
unlike() {
  while read -r _ algorithm checksum name _; do echo "$checksum  $files/$name" >>"/work/sums.$algorithm"; done <"$1"
  for sums in /work/sums.*; do
    "${sums##*.}sum" --check --quiet "$sums" 2>/dev/null | sed -n 's/: FAILED.*$//p'
    rm "$sums"
  done >/work/failed
  awk 'FILENAME == "/work/failed" { sub(/.*\//, ""); bad[$0] = 1; next } $4 in bad' \
    /work/failed "$1"
}

while read -r _ algorithm checksum name _; do kept_package "$algorithm" "$checksum" "$files/$name" || true; done </in/list
unlike /in/list >/work/missing
: >/work/again
if [ -s /work/missing ]; then
  get /work/missing
  unlike /work/missing >/work/again
fi
say "$(wc -l </work/missing) of them anew"
while read -r _ algorithm checksum name url; do
  file=$files/$name from=$(rewrite "$url")
  if [ ! -e "$file" ]; then
    curl -fsSL --retry 2 --connect-timeout 30 -o "$file" "$from" 2>/work/why || true
  fi
  if [ -e "$file" ]; then
    got=$("${algorithm}sum" <"$file" | cut -d ' ' -f 1)
    [ "$got" != "$checksum" ] || continue
    diagnostic error hash-mismatch "$name is another than was locked ($from: $algorithm is $got, $checksum was locked)" "" 0 0 0 "" \
      "the repository has replaced it, or somebody else has: \`boardsmith lock --update\` locks what its signed metadata names now"
  else
    diagnostic error archive-file-gone "$name cannot be had ($from: $(sed -n 's/^curl: ([0-9]*) //p' /work/why | head -n 1))" "" 0 0 0 "" \
      "a rolling distribution drops old versions: lock new ones with \`boardsmith lock --update\`, or name a mirror that has it: --mirror FROM=TO"
  fi
  : >/work/bad
done </work/again
[ ! -e /work/bad ] || exit 1
while read -r _ algorithm checksum name _; do keep_package "$files/$name" "$algorithm" "$checksum"; done </work/missing
forget_packages

# signatures NUMBER: checks the packages of a repository against its keys.
signatures() {
  mkdir -p "/work/keys-$1"
  for key in "/in/key-$1-"*; do
    rpmkeys --dbpath "/work/keys-$1" --import "$key" || die "key file ${key##*-} of a repository holds no key that rpm takes"
  done
  awk -v number="$1" '$1 == number { print $4 }' /in/list >/work/mine
  (cd $files && xargs rpmkeys --dbpath "/work/keys-$1" -Kv --define '_pkgverify_level none' </work/mine >/work/signatures 2>&1) || true
  # Whatever rpmkeys does not speak of was not looked at.
  [ "$(grep -c '^[^ ].*\.rpm:$' /work/signatures)" = "$(wc -l </work/mine)" ] || {
    tail -n 20 /work/signatures
    die "rpmkeys did not look at every package; its last lines say why"
  }
  awk '/^[^ ].*\.rpm:$/ { file = substr($0, 1, length($0) - 1) }
    / [Ss]ignature/ { if ($0 !~ /: OK$/) print file ": " $0 }' /work/signatures | sed 's/ \{2,\}/ /g' >/work/untrusted
  [ ! -s /work/untrusted ] || {
    while read -r line; do
      diagnostic error signature-not-trusted "${line%%: *} is signed by none of its repository's keys: ${line#*: }" "" 0 0 0 "" \
        "a key that its distribution has changed goes into the repository's \`keys:\`"
    done </work/untrusted
    exit 1
  }
}

for number in $(cut -d ' ' -f 1 /in/list | sort -u); do
  [ ! -e "/in/key-$number-0" ] || signatures "$number"
done
# The tar is named by what is in it: the recipe's epoch stays out.
SOURCE_DATE_EPOCH=0 pack_tar /out/packages $files
