/** A source tree with a Makefile that answers as Kbuild does, in no time: `FILE` lines of what it would leave are in its .config. */
const MAKEFILE = `
override O := $(or $(O),.)
RELEASE = 1.2.3$(shell sed -n 's/^CONFIG_LOCALVERSION="\\(.*\\)"$$/\\1/p' $(O)/.config)
my_defconfig: ; cp $(CURDIR)/arch/arm/configs/my_defconfig $(O)/.config
olddefconfig: ; sed -i '/^CONFIG_NEVER=/d' $(O)/.config
kernelversion ubootversion: ; @echo 1.2.3
kernelrelease ubootrelease: ; @echo $(RELEASE)
zImage: ; echo COMPILING; mkdir -p $(O)/arch/arm/boot; \\
  (printf 'Linux version %s (x) ' "$$(cat $(CURDIR)/says 2>/dev/null || echo $(RELEASE))"; echo '$(KBUILD_BUILD_TIMESTAMP) $(KBUILD_BUILD_USER)') >$(O)/arch/arm/boot/zImage
dtbs: ;
modules: ; : >$(O)/System.map
modules_install: ; mkdir -p $(INSTALL_MOD_PATH)/lib/modules/$(RELEASE)/kernel; \\
  echo kernel/a.ko >$(INSTALL_MOD_PATH)/lib/modules/$(RELEASE)/modules.order; : >$(INSTALL_MOD_PATH)/lib/modules/$(RELEASE)/modules.builtin; \\
  ln -s $(O) $(INSTALL_MOD_PATH)/lib/modules/$(RELEASE)/build
dtbs_install: ; mkdir -p $(INSTALL_DTBS_PATH); cp -a $(CURDIR)/dtbs/. $(INSTALL_DTBS_PATH)
all: ; echo COMPILING; mkdir -p $(O)/spl; head -c $$(cat $(CURDIR)/spl-size) /dev/zero >$(O)/spl/sunxi-spl.bin; \\
  head -c $$(cat $(CURDIR)/whole-size) /dev/zero >$(O)/u-boot-sunxi-with-spl.bin
.DEFAULT_GOAL := all
`;

const KCONFIG = `
config MODULES
	bool "Modules"
	modules
config NEVER
	bool "Never"
	depends on ABSENT
config ABSENT
	bool "Absent"
config LOCALVERSION
	string "Local version"
config LOCALVERSION_AUTO
	bool "Auto"
`;

/** Shell that lays the tree down in /work/tree and packs it as /in/source; `more` changes the tree first. */
export function fakeKbuild(more = ""): string {
  return `
mkdir -p /work/tree/arch/arm/configs /work/tree/common/spl /work/tree/dtbs/allwinner /in
: >/work/tree/common/spl/spl.c
cat >/work/tree/Makefile <<'END'
${MAKEFILE}
END
cat >/work/tree/Kconfig <<'END'
${KCONFIG}
END
echo CONFIG_MODULES=y >/work/tree/arch/arm/configs/my_defconfig
echo dtb >/work/tree/dtbs/allwinner/sun4i-a10-cubieboard.dtb
echo 24576 >/work/tree/spl-size; echo 500000 >/work/tree/whole-size
cd /work/tree
${more}
cd /work
tar -cf /in/source -C /work/tree .
`;
}
