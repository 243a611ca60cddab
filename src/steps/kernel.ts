import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { Refused } from "../diagnostic/failure.js";
import type { Fragment } from "../kconfig/fragment.js";
import { mergeFragments } from "../kconfig/merge.js";
import type { Assets, Step } from "../plan/step.js";
import type { CompiledKernelSpec, Spec } from "../recipe/spec.js";
import { type KbuildTree, kbuildAction, kbuildInputs } from "./kbuild.js";
import { KERNEL_OUTPUTS, kernelStepId } from "./kernel-outputs.js";
import { prebuiltKernelStep } from "./prebuilt-kernel.js";
import { checkToolchain } from "./toolchain.js";

/** Fixed before any fragment, so that a recipe can overrule it: no "+" or commit in the version, which names the module folder. */
const VERSION_FRAGMENT: Fragment = {
  name: "boardsmith",
  text: "# CONFIG_LOCALVERSION_AUTO is not set\n",
};

/** A compiled kernel's fragments in the order in which they count: ours first, so that the recipe's overrule them. */
export function kernelFragments(spec: Spec, kernel: CompiledKernelSpec, assets: Assets): readonly Fragment[] {
  const ours = (name: string): Fragment => ({ name, text: assets.text(`steps/${name}.config`) });
  // A guest's volumes are dom0's to make; what the recipe wants beyond that it says itself.
  if (kernel.role === "domU") return [VERSION_FRAGMENT, ours("xen-domU"), ...kernel.fragments];
  return [
    VERSION_FRAGMENT,
    ...(spec.lvm ? [ours("lvm2")] : []),
    ...(spec.xen ? [ours("xen-dom0")] : []),
    ...kernel.fragments,
  ];
}

/** The kernels that are compiled: the recipe's, and one for Xen's guests. */
function compiledKernels({ kernel, guestKernel }: Spec): readonly CompiledKernelSpec[] {
  return [...(kernel.kind === "source" ? [kernel] : []), ...(guestKernel ? [guestKernel] : [])];
}

/** Mistakes in the kernel's fragments, what they overrule of each other and of lvm2, and a toolchain that cannot do the job. */
export function checkKernel(spec: Spec, assets: Assets): readonly Diagnostic[] {
  const found = compiledKernels(spec).flatMap((kernel) => {
    const fragments = kernelFragments(spec, kernel, assets).map((one) => ({ ...one, name: one.path ?? one.name }));
    return mergeFragments(fragments).diagnostics;
  });
  return [...found, ...checkToolchain(spec)];
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
  const tree: KbuildTree = { ...kernel, fragments: kernelFragments(spec, kernel, assets) };
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
