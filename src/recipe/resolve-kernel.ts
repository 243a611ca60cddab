import { find } from "../diagnostic/placed.js";
import { isLocalDefconfig } from "./local.js";
import { bytes, fragments, given, localsAt, only, type Resolved } from "./resolved.js";
import type { Recipe } from "./schema/recipe.js";
import type { CompiledKernelSpec, KernelSpec, Spec, XenSpec } from "./spec.js";

/** The kernel: a distribution's, somebody else's, or one to compile. */
export function resolveKernel(from: Resolved): KernelSpec {
  const { kernel } = from.recipe;
  const role = "kernel";
  if ("package" in kernel) return { kind: "package", role, package: kernel.package };
  if ("prebuilt" in kernel) {
    const { prebuilt, ...paths } = kernel;
    const bare = Object.fromEntries(Object.entries(paths).map(([what, path]) => [what, path?.replace(/^\/|\/$/g, "")]));
    return {
      kind: "prebuilt",
      role,
      sources: typeof prebuilt === "string" ? [prebuilt] : prebuilt,
      paths: given(bare),
    };
  }
  return {
    kind: "source",
    role,
    source: kernel.source,
    defconfig: defconfig(from, "kernel", kernel.defconfig),
    patches: localsAt(from, "kernel", "patches"),
    fragments: fragments(from, "kernel"),
    allowDropped: kernel["allow-dropped"],
  };
}

/** The hypervisor, where there is one. */
export function resolveXen(from: Resolved): Pick<Spec, "xen"> {
  const said = from.recipe.xen;
  if (said === undefined) return {};
  const { memory, vcpus } = said.dom0;
  return {
    xen: {
      from: xenFrom(from, said),
      arguments: said.arguments,
      dom0: { memory: bytes(memory), ...given({ vcpus }) },
    },
  };
}

function xenFrom(from: Resolved, said: NonNullable<Recipe["xen"]>): XenSpec["from"] {
  if ("package" in said) return { kind: "package", package: said.package };
  if ("prebuilt" in said) {
    const { prebuilt, image } = said;
    const sources = typeof prebuilt === "string" ? [prebuilt] : prebuilt;
    return { kind: "prebuilt", sources, ...given({ image: image?.replace(/^\/|\/$/g, "") }) };
  }
  return {
    kind: "source",
    source: said.source,
    defconfig: said.defconfig,
    patches: localsAt(from, "xen", "patches"),
    fragments: fragments(from, "xen"),
    earlyPrintk: said["early-printk"],
  };
}

/** The guests' kernel has the source and the patches of dom0's, so that most of both is one and the same object code. */
export function resolveGuestKernel(from: Resolved): Pick<Spec, "guestKernel"> {
  const { kernel, "guest-kernel": said } = from.recipe;
  if (said === undefined || !("source" in kernel)) return {};
  return {
    guestKernel: {
      kind: "source",
      role: "domU",
      source: kernel.source,
      defconfig: defconfig(from, "guest-kernel", said.defconfig),
      patches: localsAt(from, "kernel", "patches"),
      fragments: fragments(from, "guest-kernel"),
      allowDropped: said["allow-dropped"],
    },
  };
}

function defconfig(from: Resolved, part: "kernel" | "guest-kernel", said: string): CompiledKernelSpec["defconfig"] {
  return isLocalDefconfig(said)
    ? { local: only(from.locals.of(find(from.root, part, "defconfig"))) }
    : { inTree: said };
}
