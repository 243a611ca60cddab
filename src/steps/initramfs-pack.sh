# The cpio archive at /in/cpio as the kernel unpacks it, in $FORMAT. The same bytes come out on every machine: the tool is
# the tool image's, on one thread, and neither name nor time goes in.

case $FORMAT in
  gzip) gzip -9n </in/cpio >/out/initramfs ;;
  zstd) zstd -19 --single-thread --quiet </in/cpio >/out/initramfs ;;
  *) die "no such format: $FORMAT" ;;
esac
