# The image at /in/image as one file in $FORMAT. The number of threads changes no byte: both cut their work in blocks
# of fixed size. A compressor that fails has a bad exit code, and `sh -e` ends the step with it.

case $FORMAT in
  xz) xz -T+2 -6 --block-size=24MiB --stdout /in/image >/out/image ;;
  zst) zstd -T0 -9 --long=24 --quiet --no-progress --stdout /in/image >/out/image ;;
  *) die "no such format: $FORMAT" ;;
esac
say "$(stat -c %s /in/image) bytes → $(stat -c %s /out/image) bytes"
