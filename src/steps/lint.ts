import type { Assets, Step } from "../plan/step.js";
import type { Spec } from "../recipe/spec.js";
import type { Json } from "../util/canonical.js";

/** What op `lint` is told. */
export interface LintArgs {
  readonly accept: Spec["lint"]["accept"];
  /** The layout has volume groups. */
  readonly volumes: boolean;
  /** Device of the serial console. */
  readonly console: string;
  readonly serialLogin: boolean;
  readonly firstBootHelps: boolean;
  /** Name servers of the recipe's interfaces. */
  readonly dns: readonly string[];
  readonly epoch: number;
}

/** The finished root filesystem, held against the image it went into. It runs beside the proof, which takes longer. */
export function lintStep(spec: Spec, assets: Assets): Step {
  const args: LintArgs = {
    accept: spec.lint.accept,
    volumes: spec.image.partitions.some(({ content }) => content === "lvm"),
    console: spec.board.console.device,
    serialLogin: spec.proof.enabled && spec.board.qemu?.until === "login",
    firstBootHelps: spec.provision.firstboot.kind !== "none",
    dns: [...new Set(spec.provision.network.flatMap(({ dns }) => dns))].sort(),
    epoch: spec.epoch,
  };
  return {
    id: "lint",
    title: "check the root filesystem",
    action: {
      kind: "op",
      op: "lint",
      args: args as unknown as Json,
      tools: [],
      scripts: {},
      code: assets.code("lint"),
    },
    inputs: [
      { name: "rootfs", from: { step: "provision", output: "rootfs" } },
      { name: "layout", from: { step: "image", output: "layout" } },
      { name: "release", from: { step: "kernel", output: "release" } },
    ],
    outputs: [{ name: "findings", kind: "file" }],
    weight: "io",
  };
}
