import { formatSize } from "../util/size.js";
import type { Rule } from "./rules.js";
import { older, oldestGcc } from "./xen-releases.js";

/** What Xen keeps for itself: its heap (an eighth of little memory, 32 MiB at least), its frame table, its own code. */
const XEN_OWN = 64 * 1024 ** 2;

/** Names of branches and trees of Allwinner's own kernels, which know neither device trees nor Xen. */
const VENDOR_KERNEL = /\b(?:sunxi|lichee|allwinner|sun[4-9]i)-(?:bsp-)?3\.[0-9]+|linux-3\.[0-9]+-sunxi/i;

/** What goes with Xen and what does not, before anything is fetched. */
export const XEN_RULES: readonly Rule[] = [
  {
    code: "xen-no-virtualization",
    broken: ({ name, soc }, { xen }) =>
      xen && !(soc.virtualization && soc.lpae)
        ? {
            message: `Xen runs in HYP mode, and ${name}'s ${soc.core} (${soc.name}) has ${soc.virtualization ? "no long page tables" : "no virtualization extensions"}: it would start and print nothing`,
            at: xen.at,
            help: "take a board with a Cortex-A7 or A15; `boardsmith boards` says which have virtualization",
          }
        : undefined,
  },
  {
    code: "xen-vendor-kernel",
    broken: (_, { xen, kernelNames }) => {
      const vendor = xen && kernelNames?.find(({ value }) => VENDOR_KERNEL.test(value));
      return vendor
        ? {
            message: `"${vendor.value}" is one of Allwinner's own kernels, which do not run as dom0: they take no device tree, and Xen gives one`,
            at: vendor.at,
            help: "take a kernel of kernel.org's from 3.7 on",
          }
        : undefined;
    },
  },
  {
    code: "xen-old-compiler",
    broken: (_, { xen, compiler }) => {
      const release = xen?.compiled ? xen.release : undefined;
      const least = release && oldestGcc(release.value);
      return compiler && release && least !== undefined && older(compiler.value, least)
        ? {
            message: `Xen ${release.value} is built with GCC ${least} or later, and this toolchain is GCC ${compiler.value}`,
            at: compiler.at,
            help: "take a newer toolchain (`toolchain: distro`), or an older Xen",
          }
        : undefined;
    },
  },
  {
    code: "xen-dom0-memory",
    broken: ({ name, dram }, { xen }) =>
      xen?.memory && xen.memory.bytes + XEN_OWN > dram.size
        ? {
            message: `dom0's ${formatSize(xen.memory.bytes)} and Xen's own ${formatSize(XEN_OWN)} are more than the ${formatSize(dram.size)} of ${name}`,
            at: xen.memory.at,
            help: `give dom0 at most ${(dram.size - XEN_OWN) / 1024 ** 2}MiB, and less where there are guests`,
          }
        : undefined,
  },
  {
    code: "xen-dom0-vcpus",
    broken: ({ name, soc }, { xen }) =>
      xen?.vcpus && xen.vcpus.value > soc.cores
        ? {
            message: `dom0 is to have ${xen.vcpus.value} virtual CPUs, and ${name} has ${soc.cores === 1 ? "one core" : `${soc.cores} cores`}`,
            at: xen.vcpus.at,
            help: "leave `vcpus:` out, or give dom0 as many as there are cores at most",
          }
        : undefined,
  },
];
