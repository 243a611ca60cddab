"""Makes kernel-default and dtb-sun4i from Debian's armhf kernel (/in/debs, a tar with the linux-image deb), as openSUSE lays them out.

  kernel-default   usr/lib/modules/VERSION/{zImage,config,System.map} and modules; %post links them into /boot and runs depmod
  dtb-sun4i        boot/dtb-VERSION/allwinner/sun4i-*.dtb; %post links boot/dtb

The layout is that of openSUSE's rpm/kernel-binary.spec.in, rpm/mkspec-dtb and suse-module-tools' kernel-scriptlets. Two things are
not openSUSE's: the version, which is what the kernel calls itself, and the modules, of which only those are kept that an A10 with
its root on an SD card and on LVM loads, and what these need. /out/packages is a tar of the rpms.
"""
import os, re, shutil, subprocess, sys
from pathlib import Path

WORK = Path("/work")
# Folders of kernel/ whose modules are kept.
KEPT = """
arch/arm/crypto crypto drivers/base drivers/clk drivers/i2c drivers/input drivers/md drivers/mfd drivers/mmc drivers/pinctrl
drivers/power drivers/regulator drivers/watchdog fs/ext4 fs/fat fs/jbd2 fs/nls lib
""".split()
KEPT_FILES = ["fs/mbcache.ko"]


def run(*argv):
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, argv))}\n{done.stdout[-4000:]}")
    return done.stdout


def kept(path):
    bare = re.sub(r"\.(xz|zst|gz)$", "", path)
    return bare in KEPT_FILES or any(bare.startswith(f"{folder}/") for folder in KEPT)


def spec(name, version, summary, provides, scripts, root):
    files = []
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        if path.is_dir() and (len(inside.parts) <= 3 and inside.parts[0] == "usr" or str(inside) == "boot"):
            continue
        files.append(f'{"%dir " if path.is_dir() and not path.is_symlink() else ""}"/{inside}"')
    text = f"""Name: {name}
Version: {version}
Release: 1
Summary: {summary}
License: GPL-2.0-only
URL: https://www.kernel.org/
AutoReqProv: no
Requires(post): coreutils kmod
{os.linesep.join(f"Provides: {one}" for one in provides)}

%description
{summary}, made of Debian's.

%install
cp -a {root}/. %{{buildroot}}/

{scripts}
%files
%defattr(-,root,root)
{os.linesep.join(files)}
"""
    path = WORK / f"{name}.spec"
    path.write_text(text)
    return path


def main():
    os.environ["SOURCE_DATE_EPOCH"] = "1735689600"
    run("tar", "-xf", "/in/debs", "-C", str(WORK))
    [deb] = WORK.rglob("linux-image-*.deb")
    source = WORK / "deb"
    run("dpkg-deb", "-x", str(deb), str(source))
    [image] = (source / "boot").glob("vmlinuz-*")
    release = image.name.removeprefix("vmlinuz-")
    version = re.match(r"[0-9.]+", release)[0]

    kernel, trees = WORK / "roots/kernel", WORK / "roots/trees"
    modules = kernel / "usr/lib/modules" / release
    modules.mkdir(parents=True)
    shutil.copy2(image, modules / "zImage")
    for name in ("config", "System.map"):
        shutil.copy2(source / "boot" / f"{name}-{release}", modules / name)
    # usr/lib/modules or lib/modules, as it comes.
    [all_modules] = source.rglob(f"lib/modules/{release}")
    for path in sorted((all_modules / "kernel").rglob("*.ko*")):
        inside = str(path.relative_to(all_modules / "kernel"))
        if kept(inside):
            target = modules / "kernel" / inside
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
    for name in ("modules.builtin", "modules.builtin.modinfo", "modules.order"):
        if (all_modules / name).exists():
            shutil.copy2(all_modules / name, modules / name)
    folder = trees / f"boot/dtb-{release}/allwinner"
    folder.mkdir(parents=True)
    for path in source.rglob("sun4i-*.dtb"):
        shutil.copy2(path, folder / path.name)

    links = "\n".join(f"ln -sf ../usr/lib/modules/{release}/{name} /boot/{name}-{release}" for name in ("zImage", "config", "System.map"))
    specs = [
        spec("kernel-default", version, "The Standard Kernel", ["kernel = %version", f"kernel-uname-r = {release}", "multiversion(kernel)"],
             f"""%post
ln -sf zImage-{release} /boot/zImage
ln -sf initrd-{release} /boot/initrd
{links}
depmod {release}

%posttrans
: "${{DRACUT:=/usr/bin/dracut}}"
if [ ! -x "$DRACUT" ]; then echo "dracut is not installed, not rebuilding the initrd." >&2; exit 0; fi
"$DRACUT" -f --kver {release}
""", kernel),
        spec("dtb-sun4i", version, "Allwinner sun4i based systems", ["multiversion(dtb)"],
             f"""%post
cd /boot
[ -d dtb ] && [ -L dtb ] && rm -f dtb
[ -d dtb ] || ln -sf dtb-{release} dtb
""", trees),
    ]
    define = [("_topdir", "/work/rpmbuild"), ("_rpmdir", "/work/repository"), ("__os_install_post", "%{nil}"),
              ("_build_id_links", "none"), ("debug_package", "%{nil}"), ("_binary_payload", "w3.zstdio"),
              ("use_source_date_epoch_as_buildtime", "1"), ("_buildhost", "stand-in"), ("vendor", "openSUSE")]
    options = [word for name, value in define for word in ("--define", f"{name} {value}")]
    for path in specs:
        run("rpmbuild", "-bb", "--quiet", "--nodeps", "--target", "armv7hl-suse-linux", *options, str(path))
    run("tar", "-cf", "/out/packages", "-C", "/work/repository", ".")
    print(f"kernel {release}: {sum(1 for _ in modules.rglob('*.ko*'))} modules, {sum(1 for _ in folder.iterdir())} device trees")


main()
