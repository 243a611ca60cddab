import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { Refused } from "../diagnostic/failure.js";
import type { Fragment } from "../kconfig/fragment.js";
import { mergeFragments } from "../kconfig/merge.js";
import type { Assets, Step } from "../plan/step.js";
import type { Spec } from "../recipe/spec.js";
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
export function kernelFragments(spec: Spec, assets: Assets): readonly Fragment[] {
  if (spec.kernel.kind !== "source") return [];
  const lvm2 = spec.lvm ? [{ name: "lvm2", text: assets.text("steps/lvm2.config") }] : [];
  return [VERSION_FRAGMENT, ...lvm2, ...spec.kernel.fragments];
}

/** Mistakes in the kernel's fragments, what they overrule of each other and of lvm2, and a toolchain that cannot do the job. */
export function checkKernel(spec: Spec, assets: Assets): readonly Diagnostic[] {
  const fragments = kernelFragments(spec, assets).map((one) => ({ ...one, name: one.path ?? one.name }));
  return [...mergeFragments(fragments).diagnostics, ...checkToolchain(spec)];
}

/** The recipe's kernel, compiled or as somebody else built it: image, device trees, modules, configuration, version. Throws Refused on malformed fragments. */
export function kernelSteps(spec: Spec, assets: Assets): readonly Step[] {
  const errors = checkKernel(spec, assets).filter((one) => one.severity === "error");
  if (errors.length > 0) throw new Refused(errors);
  if (spec.kernel.kind !== "source") return [prebuiltKernelStep(spec, spec.kernel, assets)];
  const tree: KbuildTree = { ...spec.kernel, fragments: kernelFragments(spec, assets) };
  const { image } = spec.board.kernel;
  return [
    {
      id: kernelStepId(spec.kernel.role),
      title: spec.kernel.role === "kernel" ? "compile the kernel" : `compile the ${spec.kernel.role} kernel`,
      action: kbuildAction(spec, tree, assets, "kernel", { IMAGE: image }),
      inputs: [
        ...kbuildInputs(spec, tree, assets),
        { name: "kernel-version.py", from: { text: assets.text("steps/kernel-version.py") } },
      ],
      outputs: KERNEL_OUTPUTS,
    },
  ];
}
