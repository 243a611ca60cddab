# Asks whether the distribution's archive has files (/in/paths: a path a line; none: the archive itself, by the Release file of
# $SUITE). Leaves /out/found: the paths that are there, and `archive` when the archive answers. Called again as
# `step.sh has PATH` to ask for one.

if [ "${1-}" = has ]; then
  ! archive_has "$2" || say "yes $2"
  exit 0
fi

archive_roots_once >/dev/null
: >/out/found
for root in $(archive_roots_once); do
  ! curl -fsSIL --max-time "$PATIENCE" -o /dev/null "$root/dists/$SUITE/InRelease" 2>/dev/null || echo archive >>/out/found
done
# An archive that is gone is asked once, not once for each of its files.
[ -s /out/found ] || exit 0
xargs -r -P 8 -n 1 sh -eu /step.sh has </in/paths | sed -n 's/^yes //p' >>/out/found
