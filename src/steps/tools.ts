import type { ToolImage } from "../plan/step.js";

const base = { distro: "debian", suite: "trixie" } as const;

const tool = (name: string, packages: readonly string[]): ToolImage => ({ name, base, packages: [...packages].sort() });

/** Fetches: git, signatures, the distribution's archive. The only one whose containers see a network. */
export const FETCH = tool("fetch", ["ca-certificates", "curl", "dpkg-dev", "git", "gpg", "gpgv", "xz-utils", "zstd"]);

/** Cross-compiles kernels, U-Boot and userland for armhf. */
export const BUILD = tool("build", [
  "bc",
  "bison",
  "bzip2",
  "ccache",
  "cpio",
  "device-tree-compiler",
  "flex",
  "gcc",
  "gcc-arm-linux-gnueabihf",
  "kmod",
  "libc6-dev",
  "libc6-dev-armhf-cross",
  "libelf-dev",
  "libgnutls28-dev",
  "libncurses-dev",
  "libssl-dev",
  "make",
  "patch",
  "perl",
  "python3-dev",
  "python3-kconfiglib",
  "python3-pyelftools",
  "python3-setuptools",
  "rsync",
  "swig",
  "u-boot-tools",
  "xz-utils",
  "zstd",
]);

/** Makes root filesystems and images: the distribution's bootstrapper, user-mode emulation, filesystem tools that need no mount. */
export const IMAGE = tool("image", [
  "apt-utils",
  "dosfstools",
  "dpkg-dev",
  "e2fsprogs",
  "fdisk",
  // mke2fs loads it to read a rootfs tar.
  "libarchive13t64",
  // Whoever takes an image waits for the disk once, at the end.
  "libeatmydata1",
  "mmdebstrap",
  "mtools",
  "qemu-user-static",
  "u-boot-tools",
  "xz-utils",
  "zstd",
]);

/** Solves, fetches and installs rpm packages: libsolv is zypper's solver, qemu-user-static runs scriptlets. */
export const RPM = tool("rpm", [
  "ca-certificates",
  "curl",
  "gpg",
  "gpgv",
  // Nothing of a scratch folder has to reach the disk.
  "libeatmydata1",
  "python3-solv",
  "qemu-user-static",
  "rpm",
  "xz-utils",
  "zstd",
]);

/** Reads project configurations as the Open Build Service does. */
export const OBS = tool("obs", ["obs-build"]);

/** Boots images; python3 is for the NFS server of those that boot over the network (src/emulate/nfs). */
export const QEMU = tool("qemu", ["e2fsprogs", "mtools", "python3", "qemu-system-arm", "qemu-utils"]);
