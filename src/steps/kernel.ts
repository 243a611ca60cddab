import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { Refused } from "../diagnostic/failure.js";
import type { Ask, Fragment } from "../kconfig/fragment.js";
import { kconfigLine, mergeFragments } from "../kconfig/merge.js";
import { unasked } from "../kconfig/needs.js";
import type { Assets, Step } from "../plan/step.js";
import type { CompiledKernelSpec, KernelSpec, Spec } from "../recipe/spec.js";
import { type KbuildTree, kbuildAction, kbuildInputs } from "./kbuild.js";
import { KERNEL_OUTPUTS, kernelStepId } from "./kernel-outputs.js";
import { nfsNeeds } from "./nfs-needs.js";
import { prebuiltKernelStep } from "./prebuilt-kernel.js";
import { checkToolchain } from "./toolchain.js";

/** Fixed before any fragment, so that a recipe can overrule it: no "+" or commit in the version, which names the module folder. */
const VERSION_FRAGMENT: Fragment = {
  name: "boardsmith",
  text: "# CONFIG_LOCALVERSION_AUTO is not set\n",
};

/** A compiled kernel's fragments in the order in which they count: ours first, so that the recipe's overrule them. */
export function kernelFragments(spec: Spec, assets: Assets, kernel: KernelSpec = spec.kernel): readonly Fragment[] {
  if (kernel.kind !== "source") return [];
  const ours = (name: string): Fragment => ({ name, text: assets.text(`steps/${name}.config`) });
  // A guest's volumes are dom0's to make; what the recipe wants beyond that it says itself.
  if (kernel.role === "domU") return [VERSION_FRAGMENT, ours("xen-domU"), ...kernel.fragments];
  const given = [...(spec.lvm ? [ours("lvm2")] : []), ...(spec.xen ? [ours("xen-dom0")] : [])];
  const nfs = nfsNeeds(spec, assets).flatMap((need) => unasked(need, [...given, ...kernel.fragments]));
  return [VERSION_FRAGMENT, ...given, ...nfs, ...kernel.fragments];
}

/** The kernels that are compiled: the recipe's, and one for Xen's guests. */
function compiledKernels({ kernel, guestKernel }: Spec): readonly CompiledKernelSpec[] {
  return [...(kernel.kind === "source" ? [kernel] : []), ...(guestKernel ? [guestKernel] : [])];
}

/**
 * Mistakes in the kernel's fragments, what they overrule of each other, of lvm2 and of NFS, and a toolchain that cannot do
 * the job. A kernel that cannot reach a root filesystem on a server is a mistake, not a choice.
 */
export function checkKernel(spec: Spec, assets: Assets): readonly Diagnostic[] {
  const found = compiledKernels(spec).flatMap((kernel) => {
    const fragments = kernelFragments(spec, assets, kernel).map((one) => ({ ...one, name: one.path ?? one.name }));
    const { asks, diagnostics } = mergeFragments(fragments);
    const rootless = spec.netboot && kernel.role === "kernel" ? withoutRoot(asks, nfsNeeds(spec, assets)) : [];
    const told = new Set(rootless.map(({ at }) => at));
    return [...diagnostics.filter(({ at }) => !told.has(at)), ...rootless];
  });
  return [...found, ...checkToolchain(spec)];
}

/** Lines of the recipe's fragments that take away what the kernel mounts its root filesystem by. */
function withoutRoot(asks: readonly Ask[], needs: readonly Fragment[]): readonly Diagnostic[] {
  const wanted = mergeFragments(needs).asks;
  return asks.flatMap(({ symbol, value, at }): Diagnostic[] => {
    const need = wanted.find((one) => one.symbol === symbol);
    if (!need || need.value === value) return [];
    return [
      {
        severity: "error",
        code: "netboot-kernel",
        message: `${kconfigLine(symbol, value)}: such a kernel cannot mount its root filesystem from a server, as \`netboot:\` wants it`,
        at,
        help: `it takes ${kconfigLine(symbol, need.value)}; drop the line, or say otherwise in a later fragment`,
      },
    ];
  });
}

/** The recipe's kernel, compiled or as somebody else built it, and its guests': image, device trees, modules, configuration, version. Throws Refused on malformed fragments. */
export function kernelSteps(spec: Spec, assets: Assets): readonly Step[] {
  const errors = checkKernel(spec, assets).filter((one) => one.severity === "error");
  if (errors.length > 0) throw new Refused(errors);
  const built = spec.kernel.kind === "source" ? [] : [prebuiltKernelStep(spec, spec.kernel, assets)];
  return [...built, ...compiledKernels(spec).map((kernel) => compiled(spec, kernel, assets))];
}

/** Each in a container of its own, so that two roles share nothing but ccache, and one's fragment is nothing to the other. */
function compiled(spec: Spec, kernel: CompiledKernelSpec, assets: Assets): Step {
  const tree: KbuildTree = { ...kernel, fragments: kernelFragments(spec, assets, kernel) };
  const { image } = spec.board.kernel;
  return {
    id: kernelStepId(kernel.role),
    title: kernel.role === "kernel" ? "compile the kernel" : `compile the ${kernel.role} kernel`,
    action: kbuildAction(spec, tree, assets, "kernel", { IMAGE: image }),
    inputs: [
      ...kbuildInputs(spec, tree, assets),
      { name: "kernel-version.py", from: { text: assets.text("steps/kernel-version.py") } },
    ],
    outputs: KERNEL_OUTPUTS,
  };
}
