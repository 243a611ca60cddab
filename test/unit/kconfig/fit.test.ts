import { expect, it } from "vitest";
import { kernelFit, type Wanted } from "../../../src/kconfig/fit.js";

const wanted: Wanted = {
  kernel: "the kernel of package linux-image-armmp",
  board: { name: "cubieboard", core: "cortex-a8", lpae: false, family: "sun4i" },
  lvm2: [
    { symbol: "BLK_DEV_DM", value: "y" },
    { symbol: "SYSVIPC", value: "y" },
    { symbol: "DM_INIT", value: "y" },
    { symbol: "DM_CRYPT", value: "y" },
    { symbol: "DM_NEVER", value: "n" },
  ],
  nfs: [],
  nfsRoot: false,
};
const GOOD = "CONFIG_MACH_SUN4I=y\nCONFIG_BLK_DEV_DM=m\nCONFIG_SYSVIPC=y\nCONFIG_DM_INIT=y\nCONFIG_DM_CRYPT=m\n";
const told = (config: string, over: Partial<Wanted> = {}) =>
  kernelFit(config, { ...wanted, ...over }).map(({ severity, code, message, help }) => [
    `${severity} ${code}`,
    message,
    help,
  ]);

it("a kernel for several boards with device-mapper as modules fits", () => {
  expect(told(GOOD)).toEqual([]);
});

it("a kernel with long page tables is refused on a core that has none, and nowhere else", () => {
  const config = `${GOOD}CONFIG_ARM_LPAE=y\n`;
  expect(told(config)).toEqual([
    [
      "error no-lpae",
      "the kernel of package linux-image-armmp has CONFIG_ARM_LPAE and does not start on cubieboard: cortex-a8 has no long page tables",
      "take the one without LPAE (Debian: linux-image-armmp, openSUSE: kernel-default)",
    ],
  ]);
  expect(told(config, { board: { ...wanted.board, lpae: true } })).toEqual([]);
});

it("a kernel that leaves the SoC out is refused", () => {
  expect(told(GOOD.replace("SUN4I", "SUN7I"))).toEqual([
    [
      "error kernel-for-another-soc",
      "the kernel of package linux-image-armmp was built without CONFIG_MACH_SUN4I, so it does not know cubieboard's SoC",
      "take a kernel for several SoCs, or one that names this board",
    ],
  ]);
});

it("every symbol of lvm2's that is missing is named: an error where lvm2 cannot do without, else a warning", () => {
  const config = "CONFIG_MACH_SUN4I=y\nCONFIG_DM_INIT=y\n# CONFIG_BLK_DEV_DM is not set\n";
  expect(told(config)).toEqual([
    [
      "error kernel-without-lvm2",
      "the kernel of package linux-image-armmp has no CONFIG_BLK_DEV_DM, CONFIG_SYSVIPC, without which lvm2 does not work",
      "take another kernel, or say `lvm: false`",
    ],
    [
      "warning kernel-lacks-options",
      "the kernel of package linux-image-armmp has no CONFIG_DM_CRYPT, which a kernel compiled for lvm2 would have",
      undefined,
    ],
  ]);
  expect(told(config, { lvm2: [] })).toEqual([]);
});

it("NFS may be a module, and has to be built in where the root filesystem comes by it", () => {
  const nfs = ["NFS_FS", "ROOT_NFS"];
  const by = "the kernel of package linux-image-armmp";
  const help = "take another kernel, or compile one";
  const modular = `${GOOD}CONFIG_NFS_FS=m\n`;
  expect(told(`${modular}CONFIG_ROOT_NFS=m\n`, { nfs })).toEqual([]);
  expect(told(modular, { nfs })).toEqual([
    ["error kernel-without-nfs", `${by} has no CONFIG_ROOT_NFS, which the recipe's NFS needs`, help],
  ]);
  expect(told(modular, { nfs, nfsRoot: true })).toEqual([
    [
      "error kernel-without-nfs",
      `${by} does not have CONFIG_NFS_FS, CONFIG_ROOT_NFS built in, and so cannot mount its root filesystem from a server`,
      help,
    ],
  ]);
});
