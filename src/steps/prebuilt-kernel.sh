# What a kernel image (/in/kernel) says of itself, and the modules that belong to it (out of /in/modules, a tar of
# lib/modules/VERSION folders) with an index by this depmod. No /out/modules: there are none of its version.

python3 -B /in/kernel-version.py /in/kernel >/out/release
python3 -B /in/kernel-config.py /in/kernel >/out/config
release=$(cat /out/release)

mkdir -p /work/modules/lib/modules
tar -xf /in/modules -C /work/modules --no-same-owner
[ -d "/work/modules/lib/modules/$release" ] || exit 0
find /work/modules/lib/modules -mindepth 1 -maxdepth 1 ! -name "$release" -exec rm -rf {} +
# Neither this depmod nor that of most distributions reads gzipped modules: they would be lost from the index.
find /work/modules -name '*.ko.gz' -exec gzip -d {} +
depmod -b /work/modules "$release"
pack_tar /out/modules /work/modules
say "kernel $release: image $(stat -c %s /in/kernel) bytes, modules $(du -sb /work/modules | cut -f1) bytes in $(find /work/modules -name '*.ko*' | wc -l) files"
