# Finds the newest version of each source package (/in/wanted: lines "PACKAGE VERSION", VERSION may be "-" for any) whose
# needed files the archive really has: an index may list what is gone already, or not there yet.
# Leaves /out/found: lines "PACKAGE=WANTED VERSION PATH SHA256 SIZE", one for each file that a build needs.

archive_open deb-src "$(dpkg --print-architecture)" "$SUITE"

# records PACKAGE: lines "VERSION PATH SHA256 SIZE" of the index, the .dsc and signatures left out.
records() {
  apt-cache showsrc --only-source "$1" 2>/dev/null | awk -v package="$1" '
    /^Package: / { name = $2 }
    /^Version: / { version = $2 }
    /^Directory: / { directory = $2; for (i = 1; i <= n; i++) if (name == package) print version, directory "/" file[i]; n = 0 }
    /^Checksums-Sha256:/ { list = 1; n = 0; next }
    list && /^ / { if ($3 !~ /\.(dsc|asc)$/) file[++n] = $3 " " $1 " " $2; next }
    { list = 0 }'
}

: >/out/found
while read -r package version; do
  records "$package" >/work/records
  if [ ! -s /work/records ]; then
    diagnostic error unknown-source-package "$SUITE has no source package \"$package\"" "" 0 0 0 "" "the name is the source package's, as in \`apt-get source NAME\`"
    continue
  fi
  cut -d ' ' -f 1 /work/records | sort -uV >/work/versions
  [ "$version" = - ] || grep -xF "$version" /work/versions >/work/only || {
    diagnostic error unknown-source-version "$SUITE has no $package $version" "" 0 0 0 "" "it has $(paste -sd ' ' /work/versions | sed 's/ /, /g')"
    continue
  }
  [ "$version" = - ] || mv /work/only /work/versions
  found=
  while [ -s /work/versions ] && [ -z "$found" ]; do
    newest=
    while read -r candidate; do
      if [ -z "$newest" ] || dpkg --compare-versions "$candidate" gt "$newest"; then newest=$candidate; fi
    done </work/versions
    { grep -vxF "$newest" /work/versions || true; } >/work/rest
    mv /work/rest /work/versions
    # The same version may lie in more than one pool (a release and its security fixes).
    for folder in $(awk -v v="$newest" '$1 == v { sub(/\/[^\/]*$/, "", $2); if (!seen[$2]++) print $2 }' /work/records); do
      awk -v v="$newest" -v folder="$folder/" '$1 == v && index($2, folder) == 1 && !seen[$2]++ { print $2, $3, $4 }' /work/records |
        sort >/work/files
      gone=
      while read -r path rest; do
        archive_has "$path" || gone=${path##*/}
        [ -z "$gone" ] || break
      done </work/files
      if [ -z "$gone" ]; then
        found=$newest
        sed "s|^|$package=$version $newest |" /work/files >>/out/found
        break
      fi
    done
    [ -n "$found" ] || say "note: $package $newest is in the index, but the archive does not have $gone; passed over"
  done
  [ -n "$found" ] || diagnostic error archive-file-gone "the archive has the files of no listed version of $package" "" 0 0 0 "" \
    "try later, or another mirror: --mirror FROM=TO"
done </in/wanted
