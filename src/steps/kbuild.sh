# What the kernel's and U-Boot's steps share: both are built by Kbuild and configured by Kconfig.
# Sources at /work/src, objects at /work/build: fixed paths, so that equal sources give equal bytes and ccache finds them.

BUILD_TIME=$(LC_ALL=C date -u -d "@$SOURCE_DATE_EPOCH")

# use_toolchain: CROSS_COMPILE for the distribution's compiler, or for a tarball's at /in/toolchain (TOOLCHAIN_FORMAT).
use_toolchain() {
  if [ -n "${TOOLCHAIN_FORMAT-}" ]; then
    unpack_source /in/toolchain "$TOOLCHAIN_FORMAT" /work/toolchain
    gcc=$(find /work/toolchain -path "*/bin/${CROSS_COMPILE}gcc" ! -type d | LC_ALL=C sort | head -n 1)
    if [ -z "$gcc" ]; then
      others=$(find /work/toolchain -path '*/bin/*-gcc' ! -type d -printf '%f\n' | LC_ALL=C sort -u | sed 's/gcc$//' | paste -sd ' ')
      die "the toolchain has no ${CROSS_COMPILE}gcc in any bin folder" \
        "${others:+its prefixes are: $others; }write one of them as the recipe's toolchain: prefix"
    fi
    PATH=${gcc%/*}:$PATH
    export PATH
  fi
  command -v "${CROSS_COMPILE}gcc" >/dev/null || die "the tool image has no ${CROSS_COMPILE}gcc"
  if ! version=$("${CROSS_COMPILE}gcc" --version 2>&1); then
    die "${CROSS_COMPILE}gcc does not run here ($(uname -m)):" "$version" "take a toolchain that was built for this machine"
  fi
  printf 'int one(void) { return 1; }\n' >/work/one.c
  "${CROSS_COMPILE}gcc" -c -o /work/one.o /work/one.c || die "${CROSS_COMPILE}gcc cannot compile"
  machine=$("${CROSS_COMPILE}gcc" -dumpmachine)
  case $ARCH:$machine in
    arm:arm*) ;;
    *) die "${CROSS_COMPILE}gcc compiles for $machine, not for $ARCH" "take a toolchain for $ARCH" ;;
  esac
  rm -f /work/one.c /work/one.o
  say "compiler: $(printf '%s\n' "$version" | head -n 1)"
}

# use_ccache: results by content of compiler and source, shared by all kernels. CACHED is what stands before a compiler.
# CCACHE_BASEDIR stays unset: paths are the same in every container, and making them relative would change what __FILE__
# says behind -fmacro-prefix-map, so that a build with the cache and one without would differ.
use_ccache() {
  CCACHE_DIR=/cache/ccache
  CCACHE_NOHASHDIR=1 CCACHE_COMPILERCHECK=content CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-5G}
  CCACHE_STATSLOG=/work/ccache.log
  # A build never fails for its cache's sake, and without one pays nothing for it.
  CACHED='ccache '
  if ! [ -d "$CCACHE_DIR" ] || ! [ -w "$CCACHE_DIR" ]; then CACHED=; fi
  export CCACHE_DIR CCACHE_NOHASHDIR CCACHE_COMPILERCHECK CCACHE_MAXSIZE CCACHE_STATSLOG
}

# ccache_report: hits and misses of this build alone.
ccache_report() {
  [ -s /work/ccache.log ] || return 0
  awk '
    /^#/ { next }
    $1 ~ /^(direct|preprocessed)_cache_hit$/ { hits++ }
    $1 == "cache_miss" { misses++ }
    END { if (hits + misses) printf "ccache: %d of %d compilations from the cache (%.1f %%)\n", hits, hits + misses, 100 * hits / (hits + misses) }
  ' /work/ccache.log
}

# kbuild TARGET…: make with everything fixed that would otherwise leak into the result: time, user, host, build number.
kbuild() {
  make -C /work/src O=/work/build ARCH="$ARCH" CROSS_COMPILE="$CROSS_COMPILE" \
    CC="$CACHED${CROSS_COMPILE}gcc" HOSTCC="${CACHED}gcc" LOCALVERSION= \
    KBUILD_BUILD_TIMESTAMP="$BUILD_TIME" KBUILD_BUILD_USER=boardsmith KBUILD_BUILD_HOST=boardsmith KBUILD_BUILD_VERSION=1 \
    "$@"
}

jobs() { printf '%s' "${JOBS:-$(nproc)}"; }

# patch_source: the recipe's patches in order; /in/patches lists input name, kind (file or tree) and name in the recipe.
patch_source() {
  while IFS="$(printf '\t')" read -r input kind shown; do
    case $kind in
      file)
        apply_patch /work/src "/in/$input" "$shown"
        say "patch: $shown applied"
        ;;
      tree)
        rm -rf /work/series
        mkdir /work/series
        tar -xf "/in/$input" -C /work/series --no-same-owner
        apply_patches /work/src /work/series "${shown%/}"
        rm -rf /work/series
        ;;
    esac
  done </in/patches
}

# prepare_source: compiler, cache, and the patched source at /work/src.
prepare_source() {
  mkdir -p /work/build
  use_toolchain
  use_ccache
  unpack_source /in/source "$SOURCE_FORMAT" /work/src
  patch_source
  # The state of a git work tree must not become part of the version.
  rm -rf /work/src/.git
}

# start_config NAME|FILE: /work/build/.config as the defconfig makes it, then the fragments of /in/fragments in order.
start_config() {
  case $1 in
    /*) cp "$1" /work/build/.config && chmod u+w /work/build/.config ;;
    *)
      [ -n "$(find /work/src/arch/*/configs /work/src/configs -name "$1" -print -quit 2>/dev/null)" ] || no_defconfig "$1"
      kbuild -s "$1"
      ;;
  esac
  while read -r input; do set -- "$@" "/in/$input"; done </in/fragments
  shift
  merge_config "$@"
}

# merge_config FRAGMENT…: one line for each symbol, later lines winning, and Kconfig's consequences drawn.
merge_config() {
  cp /work/build/.config /work/base.config
  for fragment in /work/base.config "$@"; do
    cat "$fragment"
    echo
  done | awk '
    function symbol(line) { sub(/^# /, "", line); sub(/^CONFIG_/, "", line); sub(/[= ].*/, "", line); return line }
    { sub(/\r$/, "") }
    !/^CONFIG_[A-Za-z0-9_]+=/ && !/^# CONFIG_[A-Za-z0-9_]+ is not set$/ { next }
    { name = symbol($0); if (!(name in line)) order[++n] = name; line[name] = $0 }
    END { for (i = 1; i <= n; i++) print line[order[i]] }
  ' >/work/build/.config
  kbuild -s olddefconfig
}

no_defconfig() {
  near=$(cd /work/src && find arch/"$ARCH"/configs configs -name '*_defconfig' -printf '%f\n' 2>/dev/null | LC_ALL=C sort -u |
    grep -i "${1%%[-_]*}" | head -n 5 | paste -sd ' ')
  die "this source has no $1" "${near:+near it has: $near}"
}

# check_config: every symbol that a fragment asked for is as asked, or the step ends naming it and why.
check_config() {
  status=0
  (
    cd /work/src
    export ARCH CROSS_COMPILE srctree=/work/src SRCARCH="$ARCH" CC="${CROSS_COMPILE}gcc" LD="${CROSS_COMPILE}ld" \
      NM="${CROSS_COMPILE}nm" OBJCOPY="${CROSS_COMPILE}objcopy" HOSTCC=gcc PYTHON3=python3 RUSTC=rustc BINDGEN=bindgen PAHOLE=pahole
    CC_VERSION_TEXT=$("$CC" --version | head -n 1)
    KERNELVERSION=$(kbuild -s kernelversion 2>/dev/null) || KERNELVERSION=$(kbuild -s ubootversion 2>/dev/null) || true
    UBOOTVERSION=$KERNELVERSION
    export CC_VERSION_TEXT KERNELVERSION UBOOTVERSION
    python3 -B /in/kconfig-check.py /in/asks /work/build/.config
  ) || status=$?
  [ "$status" -eq 0 ] || die "the configuration is not what the fragments ask for; nothing was compiled"
}
