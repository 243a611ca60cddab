# Source → configuration, checked → zImage, device trees, modules.
prepare_source
[ -f /work/src/Makefile ] && [ -d "/work/src/arch/$ARCH" ] || die "the source is no Linux kernel for $ARCH: it has no arch/$ARCH"
start_config "$DEFCONFIG"
check_config
cp /work/build/.config /out/config

modules=$(sed -n 's/^CONFIG_MODULES=y$/modules/p' /work/build/.config)
# shellcheck disable=SC2086
kbuild -j"$(jobs)" "$IMAGE" dtbs $modules
cp "/work/build/arch/$ARCH/boot/$IMAGE" /out/kernel

release=$(kbuild -s --no-print-directory kernelrelease)
printf '%s\n' "$release" >/out/release

# Modules as they will lie in the root file system; the links back to the build tree would dangle there.
mkdir -p /work/modules/lib/modules
if [ -n "$modules" ]; then
  kbuild -s INSTALL_MOD_STRIP=1 INSTALL_MOD_PATH=/work/modules modules_install
  rm -f "/work/modules/lib/modules/$release/build" "/work/modules/lib/modules/$release/source"
else
  # Without loadable modules modprobe still asks this list what is built in.
  mkdir -p "/work/modules/lib/modules/$release"
  for list in modules.builtin modules.builtin.modinfo modules.order; do
    [ ! -f "/work/build/$list" ] || cp "/work/build/$list" "/work/modules/lib/modules/$release/"
  done
fi
depmod -b /work/modules -F /work/build/System.map "$release"

folder=$(ls /work/modules/lib/modules)
[ "$folder" = "$release" ] || die "modules went to /lib/modules/$folder, but the kernel's version is $release"
inside=$(python3 -B /in/kernel-version.py /out/kernel)
[ "$inside" = "$release" ] || die "the kernel image calls itself $inside, but its modules are those of $release"
pack_tar /out/modules /work/modules

# All trees that the configuration builds: which one a board takes is decided later, so that boards share one kernel.
kbuild -s INSTALL_DTBS_PATH=/work/dtbs dtbs_install
pack_tar /out/dtbs /work/dtbs

ccache_report
say "kernel $release: $IMAGE $(stat -c %s /out/kernel) bytes, modules $(du -sb /work/modules | cut -f1) bytes in $(find /work/modules -name '*.ko*' | wc -l) files, $(find /work/dtbs -name '*.dtb' | wc -l) device trees"
