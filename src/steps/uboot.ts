import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { Refused } from "../diagnostic/failure.js";
import type { Fragment } from "../kconfig/fragment.js";
import { mergeFragments } from "../kconfig/merge.js";
import { unasked } from "../kconfig/needs.js";
import type { Assets, Step } from "../plan/step.js";
import type { Spec } from "../recipe/spec.js";
import { type KbuildTree, kbuildAction, kbuildInputs } from "./kbuild.js";

/** What a recipe with `netboot:` asks of U-Boot, then the recipe's own fragments. */
function fragments(spec: Spec, assets: Assets): readonly Fragment[] {
  const need = { name: "netboot", text: assets.text("steps/netboot-u-boot.config") };
  return [...(spec.netboot ? unasked(need, spec.uboot.fragments) : []), ...spec.uboot.fragments];
}

/** Mistakes in U-Boot's fragments, and what they overrule of each other and of what a boot over the network needs. */
export function checkUBoot(spec: Spec, assets: Assets): readonly Diagnostic[] {
  return mergeFragments(fragments(spec, assets).map((one) => ({ ...one, name: one.path ?? one.name }))).diagnostics;
}

/** Builds U-Boot with its SPL for the board. Throws Refused on malformed fragments. */
export function ubootSteps(spec: Spec, assets: Assets): readonly Step[] {
  const errors = checkUBoot(spec, assets).filter((one) => one.severity === "error");
  if (errors.length > 0) throw new Refused(errors);
  const tree: KbuildTree = {
    source: spec.uboot.source,
    defconfig: { inTree: spec.uboot.defconfig },
    patches: spec.uboot.patches,
    fragments: fragments(spec, assets),
  };
  const { offset, maxSize, reserved } = spec.board.spl;
  return [
    {
      id: "u-boot",
      title: "compile U-Boot",
      action: kbuildAction(spec, tree, assets, "u-boot", {
        SPL_MAX_SIZE: String(maxSize),
        SPL_ROOM: String(reserved - offset),
      }),
      inputs: kbuildInputs(spec, tree, assets),
      outputs: [{ name: "u-boot", kind: "file" }],
    },
  ];
}
