import type { Diagnostic } from "../diagnostic/diagnostic.js";
import type { Input } from "../plan/step.js";
import type { Spec } from "../recipe/spec.js";
import { sourceFormat } from "./source.js";

/** Inputs that a compiling step needs for the recipe's toolchain: none for the distribution's, which is in the tool image. */
export function toolchainInputs(spec: Spec): readonly Input[] {
  const { toolchain } = spec;
  if (toolchain.kind === "distro") return [];
  return [{ name: "toolchain", from: { step: `source:${toolchain.source}`, output: "source" } }];
}

/** Environment of a compiling step: the prefix, and how the toolchain's source is packed. See use_toolchain in kbuild.sh. */
export function toolchainEnv(spec: Spec): { readonly [name: string]: string } {
  const { toolchain } = spec;
  if (toolchain.kind === "distro") return { CROSS_COMPILE: toolchain.prefix };
  const source = spec.sources[toolchain.source];
  return {
    CROSS_COMPILE: toolchain.prefix,
    ...(source ? { TOOLCHAIN_FORMAT: sourceFormat(source) } : {}),
  };
}

/** Refuses to compile userland with a toolchain that has no C library; kernels and boot loaders need none. */
export function checkToolchain(spec: Spec): readonly Diagnostic[] {
  const { toolchain, rootfs, boot } = spec;
  if (toolchain.kind === "distro" || toolchain.libc !== "nolibc") return [];
  if (rootfs.kind !== "busybox" && !(boot.initramfs && "busybox" in boot.initramfs)) return [];
  const who = rootfs.kind === "busybox" ? "rootfs: busybox compiles" : "the initramfs's busybox is";
  return [
    {
      severity: "error",
      code: "nolibc-userland",
      message: `toolchain "${toolchain.source}" has no C library (libc: nolibc), and ${who} userland${rootfs.kind === "busybox" ? " with it" : ""}`,
      help: "use toolchain: distro, or one with glibc, musl or uclibc; kernel and U-Boot alone can do without",
    },
  ];
}
