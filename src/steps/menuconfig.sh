# The kernel's own menuconfig on the user's terminal: the configuration before and after, each whole and reduced.
say "preparing $DEFCONFIG with the recipe's fragments; this takes about a minute"
prepare_source
start_config "$DEFCONFIG"
keep_config() {
  cp /work/build/.config "/out/$1.config"
  kbuild -s savedefconfig
  cp /work/build/defconfig "/out/$1.defconfig"
}
keep_config before
# The image knows the usual terminals only.
infocmp "$TERM" >/dev/null 2>&1 || export TERM=xterm
kbuild -s menuconfig
kbuild -s olddefconfig
keep_config after
