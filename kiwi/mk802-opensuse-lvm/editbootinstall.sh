#!/bin/bash
# Puts SPL and U-Boot where the board's boot ROM reads them. $1 is the image, the root tree is the working folder's.
set -e
loader=
for path in boot/u-boot-sunxi-with-spl.bin image/u-boot-sunxi-with-spl.bin; do
  [ ! -e "$path" ] || loader=$path
done
[ -n "$loader" ] || { echo "no u-boot-sunxi-with-spl.bin: add the board's U-Boot package, or put the file into root/boot" >&2; exit 1; }
dd if="$loader" of="$1" bs=1024 seek=8 conv=notrunc
