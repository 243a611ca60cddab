# Takes the compression off a tarball (/in/source → /out/plain). What it is is told by its first bytes, not by its name.

case $(od -An -tx1 -N6 /in/source | tr -d ' \n') in
  1f8b*) tool=gzip ;;
  fd377a585a00) tool=xz ;;
  28b52ffd*) tool=zstd ;;
  425a68*) tool=bzip2 ;;
  *) tool= ;;
esac
if [ -z "$tool" ]; then
  cp /in/source /out/plain
else
  $tool -dc </in/source >/out/plain || die "the tarball is damaged: $tool cannot decompress it"
fi
