# What the fragment at /in/changes makes of the configuration before; /work is still as menuconfig left it.
CHANGES=/in/changes
use_toolchain >/dev/null
use_ccache
cp /out/before.config /work/build/.config
merge_config "$CHANGES"
cp /work/build/.config /out/check.config
