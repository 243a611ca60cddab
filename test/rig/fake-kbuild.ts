/**
 * A source tree with a Makefile that answers as Kbuild does, in no time. What a test wants otherwise it puts beside it:
 * zImage.bin (bytes before the version), u-boot.bin (SPL and U-Boot), spl-size, whole-size, says (another version),
 * slow (how many tenths of a second the compiler takes, telling each).
 */
const MAKEFILE = `
override O := $(or $(O),.)
RELEASE = 1.2.3$(shell sed -n 's/^CONFIG_LOCALVERSION="\\(.*\\)"$$/\\1/p' $(O)/.config)
COMPILE = echo COMPILING; n=0; while [ $$n -lt $$(cat $(CURDIR)/slow 2>/dev/null || echo 0) ]; do n=$$((n+1)); echo "  CC part$$n.o"; sleep 0.1; done
%_defconfig: ; cp $(CURDIR)/arch/arm/configs/$@ $(O)/.config
olddefconfig: ; sed -i '/^CONFIG_NEVER=/d' $(O)/.config
kernelversion ubootversion: ; @echo 1.2.3
kernelrelease ubootrelease: ; @echo $(RELEASE)
zImage: ; @$(COMPILE); mkdir -p $(O)/arch/arm/boot; \\
  (cat $(CURDIR)/zImage.bin 2>/dev/null; printf 'Linux version %s (x) ' "$$(cat $(CURDIR)/says 2>/dev/null || echo $(RELEASE))"; echo '$(KBUILD_BUILD_TIMESTAMP) $(KBUILD_BUILD_USER)') >$(O)/arch/arm/boot/zImage
dtbs: ;
modules: ; : >$(O)/System.map
modules_install: ; mkdir -p $(INSTALL_MOD_PATH)/lib/modules/$(RELEASE)/kernel; \\
  echo kernel/a.ko >$(INSTALL_MOD_PATH)/lib/modules/$(RELEASE)/modules.order; : >$(INSTALL_MOD_PATH)/lib/modules/$(RELEASE)/modules.builtin; \\
  ln -s $(O) $(INSTALL_MOD_PATH)/lib/modules/$(RELEASE)/build
dtbs_install: ; mkdir -p $(INSTALL_DTBS_PATH); cp -a $(CURDIR)/dtbs/. $(INSTALL_DTBS_PATH)
all: ; @$(COMPILE); mkdir -p $(O)/spl; head -c $$(cat $(CURDIR)/spl-size) /dev/zero >$(O)/spl/sunxi-spl.bin; \\
  cp $(CURDIR)/u-boot.bin $(O)/u-boot-sunxi-with-spl.bin 2>/dev/null || \\
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

/** The tree's files by path. */
export const KBUILD_TREE: { readonly [path: string]: string } = {
  Makefile: MAKEFILE,
  Kconfig: KCONFIG,
  "arch/arm/configs/my_defconfig": "CONFIG_MODULES=y\n",
  "common/spl/spl.c": "",
  "dtbs/allwinner/sun4i-a10-cubieboard.dtb": "dtb\n",
  "spl-size": "24576\n",
  "whole-size": "500000\n",
};

/** Shell that lays the tree down in /work/tree and packs it as /in/source; `more` changes the tree first. */
export function fakeKbuild(more = ""): string {
  const files = Object.entries(KBUILD_TREE).map(
    ([path, text]) => `mkdir -p "$(dirname /work/tree/${path})"\ncat >/work/tree/${path} <<'END'\n${text}END\n`,
  );
  return `
mkdir -p /in
${files.join("")}
cd /work/tree
${more}
cd /work
tar -cf /in/source -C /work/tree .
`;
}
