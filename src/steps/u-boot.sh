# Source → configuration, checked → SPL and U-Boot as one file for byte 8192 of the card.
prepare_source
[ -f /work/src/common/spl/spl.c ] || die "the source is no U-Boot: it has no common/spl/spl.c"
start_config "$DEFCONFIG"
check_config

kbuild -j"$(jobs)"

image=/work/build/u-boot-sunxi-with-spl.bin
[ -f "$image" ] || die "the build left no u-boot-sunxi-with-spl.bin: $DEFCONFIG is no Allwinner board with an SPL"
spl=$(stat -c %s /work/build/spl/sunxi-spl.bin)
[ "$spl" -le "$SPL_MAX_SIZE" ] || die "the SPL has $spl bytes, but the boot ROM loads at most $SPL_MAX_SIZE" "switch features of the SPL off in a fragment"
whole=$(stat -c %s "$image")
[ "$whole" -le "$SPL_ROOM" ] || die "SPL and U-Boot have $whole bytes, but only $SPL_ROOM are kept free for them on the card"
cp "$image" /out/u-boot

ccache_report
say "U-Boot $(kbuild -s --no-print-directory ubootrelease): SPL $spl of $SPL_MAX_SIZE bytes, in all $whole of $SPL_ROOM bytes"
