import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { Refused } from "../diagnostic/failure.js";
import type { Ask, Fragment } from "../kconfig/fragment.js";
import { kconfigLine, mergeFragments } from "../kconfig/merge.js";
import { unasked } from "../kconfig/needs.js";
import type { Assets, Step } from "../plan/step.js";
import type { Spec } from "../recipe/spec.js";
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
export function kernelFragments(spec: Spec, assets: Assets): readonly Fragment[] {
  if (spec.kernel.kind !== "source") return [];
  const lvm2 = spec.lvm ? [{ name: "lvm2", text: assets.text("steps/lvm2.config") }] : [];
  const { fragments } = spec.kernel;
  const nfs = nfsNeeds(spec, assets).flatMap((need) => unasked(need, [...lvm2, ...fragments]));
  return [VERSION_FRAGMENT, ...lvm2, ...nfs, ...fragments];
}

/**
 * Mistakes in the kernel's fragments, what they overrule of each other, of lvm2 and of NFS, and a toolchain that cannot do
 * the job. A kernel that cannot reach a root filesystem on a server is a mistake, not a choice.
 */
export function checkKernel(spec: Spec, assets: Assets): readonly Diagnostic[] {
  const fragments = kernelFragments(spec, assets).map((one) => ({ ...one, name: one.path ?? one.name }));
  const { asks, diagnostics } = mergeFragments(fragments);
  const rootless = spec.netboot && spec.kernel.kind === "source" ? withoutRoot(asks, nfsNeeds(spec, assets)) : [];
  const told = new Set(rootless.map(({ at }) => at));
  return [...diagnostics.filter(({ at }) => !told.has(at)), ...rootless, ...checkToolchain(spec)];
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
