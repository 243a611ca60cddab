# Talking to the distribution's archive. Its hosts are those of the container's own apt sources: none is named here.
# MIRRORS (optional): lines "FROM TO" that rewrite the beginning of URLs, the longest FROM first.

APT=/work/apt

# rewrite URL: the URL as the mirror map has it.
rewrite() {
  printf '%s\n' "${MIRRORS:-}" | awk -v url="$1" '
    NF == 2 && index(url, $1) == 1 && length($1) > best { best = length($1); to = $2 }
    END { print (best ? to substr(url, best + 1) : url) }'
}

# archive_suites: a line "ROOT SUITE COMPONENT" for each that the container's apt knows.
archive_suites() {
  (unset APT_CONFIG && apt-get indextargets --no-release-info --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages') |
    awk '!seen[$0]++ { sub("/$", "", $1); print }' |
    while read -r root rest; do echo "$(rewrite "$root/" | sed 's|/$||') $rest"; done
}

# archive_roots: the archive's distinct roots, a line each.
archive_roots() {
  archive_suites | awk '!seen[$1]++ { print $1 }'
}

# archive_open deb|deb-src ARCH SUITE: an apt of its own under $APT for ARCH, with an empty dpkg status and the indexes of
# SUITE, its updates and its security fixes. What could not be had is told as a warning; without SUITE itself it ends here.
archive_open() {
  mkdir -p $APT/state $APT/lists/partial $APT/cache/archives/partial $APT/preferences.d
  : >$APT/status
  : >$APT/sources.list
  cat >$APT/apt.conf <<EOF
APT::Architecture "$2";
APT::Architectures { "$2"; };
APT::Get::List-Cleanup "false";
APT::Install-Recommends "${RECOMMENDS:-false}";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Retries "4";
Dir::Cache "$APT/cache";
Dir::Etc::preferences "$APT/preferences";
Dir::Etc::preferencesparts "$APT/preferences.d";
Dir::Etc::sourcelist "$APT/sources.list";
Dir::Etc::sourceparts "$APT/none";
Dir::State "$APT/state";
Dir::State::lists "$APT/lists";
Dir::State::status "$APT/status";
EOF
  : >$APT/preferences
  mkdir -p $APT/none
  archive_suites | awk -v base="$BASE_SUITE" -v want="$3" '
    $2 == base || index($2, base "-") == 1 { $2 = want substr($2, length(base) + 1); print }' >$APT/suites
  keys=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
    sed -n -e 's/^Signed-By: *\(\/.*\)$/\1/p' -e 's/^deb.*[[ ]signed-by=\([^] ]*\).*$/\1/p' | sort -u | paste -sd, -)
  export APT_CONFIG=$APT/apt.conf
  while read -r root suite component; do
    archive_suite "$1" "$root" "$suite" "$component" "$3"
  done <$APT/suites
  [ -s $APT/sources.list ] || die "the tool image's apt has no source for $BASE_SUITE"
}

# archive_suite deb|deb-src ROOT SUITE COMPONENT WANTED
# A mirror in the middle of a sync has a Release file that its indexes do not match yet. The same suite under its other name
# (`stable` for a codename) may be whole then; the same keys sign it. If that one is old, it is still better than none.
archive_suite() {
  if archive_index "$1" "" "$2" "$3" "$4"; then
    cat $APT/try.list >>$APT/sources.list
    return
  fi
  cp $APT/try.log $APT/first.log
  other=$(curl -fsSL --retry 3 "$2/dists/$3/InRelease" 2>/dev/null | sed -n 's/^Suite: //p' | head -n 1) || other=
  if [ -n "$other" ] && [ "$other" != "$3" ]; then
    for validity in "" check-valid-until=no; do
      archive_index "$1" "$validity" "$2" "$other" "$4" || continue
      release=$(ls $APT/lists/*_dists_"$(echo "$other" | tr / _)"_InRelease | head -n 1)
      grep -qx "Codename: $3" "$release" || break
      cat $APT/try.list >>$APT/sources.list
      say "note: the archive's $1 index of $3 does not match its Release file (a mirror in sync?); taking that of $other, signed $(sed -n 's/^Date: //p' "$release")"
      return
    done
  fi
  reason=$(sed -n -e 's/^[EW]: //p' $APT/first.log | head -n 1)
  if [ "$3" = "$5" ]; then
    diagnostic error archive-unusable "the index of $3 at $2 cannot be had: ${reason:-no reason given}" "" 0 0 0 "" \
      "try later, or another mirror: --mirror $2=https://mirror.example/debian"
    exit 1
  fi
  say "note: nothing is taken from $3: ${reason:-no reason given}"
}

# archive_index deb|deb-src OPTIONS ROOT SUITE COMPONENT
archive_index() {
  options="${keys:+ signed-by=$keys}${2:+ $2}"
  echo "$1${options:+ [$options ]} $3 $4 $5" >$APT/try.list
  apt-get update -qq -o Dir::Etc::sourcelist=$APT/try.list >$APT/try.log 2>&1
}

# archive_has PATH: does any root have it?
archive_has() {
  for root in $(archive_roots_once); do
    ! curl -fsSIL --retry 3 --max-time 60 -o /dev/null "$root/$(url_path "$1")" 2>/dev/null || return 0
  done
  return 1
}

archive_roots_once() {
  [ -s /work/roots ] || archive_roots >/work/roots
  cat /work/roots
}

# url_path PATH: what may not stand bare in a URL's path, encoded.
url_path() {
  printf '%s' "$1" | sed -e 's/%/%25/g' -e 's/+/%2b/g' -e 's/~/%7e/g' -e 's/ /%20/g'
}

# archive_fetch PATH SHA256 DIR: one file of the archive into DIR, checked.
archive_fetch() {
  file=$3/${1##*/}
  tried=
  for root in $(archive_roots_once); do
    url=$root/$(url_path "$1")
    if curl -fsSL --retry 5 --retry-connrefused --connect-timeout 30 --speed-time 60 --speed-limit 1 -o "$file" "$url" 2>"$file.err"; then
      got=$(sha256sum "$file" | cut -d ' ' -f 1)
      [ "$got" != "$2" ] || { rm -f "$file.err"; return 0; }
      tried="$tried; $url: sha256 is $got, $2 was locked"
    else
      tried="$tried; $url: $(sed -n 's/^curl: ([0-9]*) //p' "$file.err" | head -n 1)"
    fi
    rm -f "$file"
  done
  diagnostic error archive-file-gone "${1##*/} cannot be had from the archive (${tried#; })" "" 0 0 0 "" \
    "the archive may have dropped this version: lock a newer one with \`boardsmith lock --update\`, or name a mirror that has it: --mirror FROM=TO"
  return 1
}

# Packages are kept between runs by checksum, for whatever recipe wants one next; whoever takes one checks it again.

# kept_package ALGORITHM CHECKSUM FILE: gives what an earlier fetch kept.
kept_package() {
  [ -e "/cache/packages/$1-$2" ] || return 1
  cp "/cache/packages/$1-$2" "$3" && touch -c "/cache/packages/$1-$2"
}

# keep_package FILE ALGORITHM CHECKSUM. Without room for it nothing is kept, and nothing is lost.
keep_package() {
  [ -d /cache/packages ] || return 0
  kept=$(mktemp /cache/packages/.new.XXXXXX) || return 0
  if cp "$1" "$kept" 2>/dev/null; then mv "$kept" "/cache/packages/$2-$3"; else rm -f "$kept"; fi
}

# forget_packages: those that no build has asked for in two months.
forget_packages() {
  [ ! -d /cache/packages ] || find /cache/packages -type f -mtime +60 -delete
}
