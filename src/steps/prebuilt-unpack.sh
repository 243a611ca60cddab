# The parts of a kernel that somebody else built (/in/part-N), each as a plain tar (/out/part-N): .deb, .rpm, tarball or
# the tar of a tree. What they are is told by their first bytes, not by their names.

for part in /in/part-*; do
  plain=/out/${part##*/}
  case $(od -An -tx1 -N8 "$part" | tr -d ' \n') in
    213c617263683e0a) dpkg-deb --fsys-tarfile "$part" >"$plain" || die "the .deb is damaged" ;;
    edabeedb*)
      rm -rf /work/rpm
      mkdir /work/rpm
      python3 -B /in/rpm-payload.py "$part" >/work/payload
      (cd /work/rpm && cpio -idm --quiet --no-absolute-filenames </work/payload) || die "the .rpm's payload is no cpio archive"
      pack_tar "$plain" /work/rpm
      ;;
    1f8b*) gzip -dc <"$part" >"$plain" || die "the tarball is damaged: gzip cannot decompress it" ;;
    fd377a585a00*) xz -dc <"$part" >"$plain" || die "the tarball is damaged: xz cannot decompress it" ;;
    28b52ffd*) zstd -dc <"$part" >"$plain" || die "the tarball is damaged: zstd cannot decompress it" ;;
    425a68*) bzip2 -dc <"$part" >"$plain" || die "the tarball is damaged: bzip2 cannot decompress it" ;;
    *) cp "$part" "$plain" ;;
  esac
done
