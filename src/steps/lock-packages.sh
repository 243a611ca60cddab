# Solves a distribution's package set: Essential packages of $ARCH in $SUITE, $PACKAGES, and all they depend on.
# Leaves /out/packages, lines "NAME VERSION ARCH PATH SHA256 SIZE". Packages whose file the archive does not really have
# are passed over: the next best version is taken, or the set refused. Called again as `step.sh has PATH` to ask for one.

if [ "${1-}" = has ]; then
  if archive_has "$2"; then say "yes $2"; else say "no $2"; fi
  exit 0
fi

archive_open deb "$ARCH" "$SUITE"
passed=0
while :; do
  # shellcheck disable=SC2086 # a list of words
  if ! apt-get -s -qq -y install '?essential' $PACKAGES >/work/solution 2>/work/solve.err; then
    apt-cache pkgnames >/out/names
    grep -v '^W: ' /work/solve.err >/out/problem || true
    sed -n '/following packages have unmet dependencies/,$p' /work/solution >>/out/problem
    exit 0
  fi
  sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*\[\([a-z0-9-]*\)\]).*$/\1 \2 \3/p' /work/solution | sed 's/^\([^ :]*\):[^ ]*/\1/' |
    sort -u >/work/chosen
  # shellcheck disable=SC2046
  apt-cache show $(sed 's/^\([^ ]*\) \([^ ]*\) .*/\1=\2/' /work/chosen) | awk -v chosen=/work/chosen '
    BEGIN { while ((getline line <chosen) > 0) wanted[line] = 1 }
    function flush() {
      id = p["Package"] " " p["Version"] " " p["Architecture"]
      if (id in wanted) { delete wanted[id]; print id, p["Filename"], p["SHA256"], p["Size"] }
      split("", p)
    }
    /^[A-Za-z0-9-]+: / { key = $1; sub(/:$/, "", key); if (!(key in p)) { sub(/^[^ ]* /, ""); p[key] = $0 } }
    /^$/ { flush() }
    END { flush(); for (id in wanted) print "no record of " id >"/dev/stderr" }' | sort >/out/packages
  [ "$(wc -l </out/packages)" = "$(wc -l </work/chosen)" ] || die "apt chose packages that its index does not describe"
  archive_roots_once >/dev/null
  : >/work/gone
  cut -d ' ' -f 4 /out/packages | sort -u | { [ ! -f /work/there ] || grep -vxFf /work/there || true; } |
    xargs -r -P 8 -n 1 sh -eu /step.sh has >/work/answers
  sed -n 's/^yes //p' /work/answers >>/work/there
  sed -n 's/^no //p' /work/answers >/work/gone
  [ -s /work/gone ] || break
  passed=$((passed + 1))
  [ $passed -le 20 ] || die "the archive lacks too many of the packages its index lists"
  while read -r path; do
    awk -v path="$path" '$4 == path { print $1, $2 }' /out/packages | while read -r name version; do
      say "note: $name $version is in the index, but the archive does not have its file; passed over"
      printf 'Package: %s\nPin: version %s\nPin-Priority: -1\n\n' "$name" "$version" >>$APT/preferences
    done
  done </work/gone
done
say "packages: $(wc -l </out/packages)"
