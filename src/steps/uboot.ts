import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { Refused } from "../diagnostic/failure.js";
import { mergeFragments } from "../kconfig/merge.js";
import type { Assets, Step } from "../plan/step.js";
import type { Spec } from "../recipe/spec.js";
import { type KbuildTree, kbuildAction, kbuildInputs } from "./kbuild.js";

/** Mistakes in U-Boot's fragments, and what they overrule of each other. */
export function checkUBoot(spec: Spec): readonly Diagnostic[] {
  return mergeFragments(spec.uboot.fragments.map((one) => ({ ...one, name: one.path ?? one.name }))).diagnostics;
}

/** Builds U-Boot with its SPL for the board. Throws Refused on malformed fragments. */
export function ubootSteps(spec: Spec, assets: Assets): readonly Step[] {
  const errors = checkUBoot(spec).filter((one) => one.severity === "error");
  if (errors.length > 0) throw new Refused(errors);
  const tree: KbuildTree = {
    source: spec.uboot.source,
    defconfig: { inTree: spec.uboot.defconfig },
    patches: spec.uboot.patches,
    fragments: spec.uboot.fragments,
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
