# Source → configuration, checked → Xen for 32-bit ARM.
# Xen's tree holds the tools as well; Kbuild's own is its folder xen. It is built where it lies, since that folder looks
# into those beside it.
kbuild() {
  make -C /work/src XEN_TARGET_ARCH=arm32 CROSS_COMPILE="$CROSS_COMPILE" CC="$CACHED${CROSS_COMPILE}gcc" \
    HOSTCC="${CACHED}gcc" PYTHON=python3 \
    XEN_BUILD_DATE="$BUILD_TIME" XEN_BUILD_TIME=00:00:00 XEN_BUILD_HOST=boardsmith XEN_WHOAMI=boardsmith XEN_DOMAIN=boardsmith \
    "$@"
}

prepare_source
[ -d /work/src/xen/arch/arm ] || die "the source is no Xen with ARM: it has no xen/arch/arm"
[ -f /work/src/xen/Kconfig ] || die "this Xen is older than 4.7 and has no Kconfig" \
  "it cannot be configured by fragments; take a later one, or build it elsewhere and name it under \`xen: { prebuilt: … }\`"
version=$(sed -n 's/^export XEN_\(SUB\)\{0,1\}VERSION *= *\([0-9]*\)$/\2/p' /work/src/xen/Makefile | paste -sd .)
mv /work/src /work/tree
rmdir /work/build
ln -s /work/tree/xen /work/src
ln -s /work/tree/xen /work/build

# Kconfig asks for these as Xen's own Makefile sets them.
export XEN_FULLVERSION="$version" SRCARCH=arm
start_config "$DEFCONFIG"
check_config
cp /work/build/.config /out/config

kbuild -j"$(jobs)" xen
[ -f /work/build/xen ] || die "the build left no xen"
cp /work/build/xen /out/xen
printf '%s\n' "$version" >/out/release

ccache_report
say "Xen $version: $(stat -c %s /out/xen) bytes"
