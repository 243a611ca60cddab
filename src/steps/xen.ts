import type { Diagnostic } from "../diagnostic/diagnostic.js";
import { Refused } from "../diagnostic/failure.js";
import type { Fragment } from "../kconfig/fragment.js";
import { mergeFragments } from "../kconfig/merge.js";
import type { Assets, Input, Step } from "../plan/step.js";
import type { CompiledXenSpec, Spec, XenSpec } from "../recipe/spec.js";
import type { Json } from "../util/canonical.js";
import { hex } from "../util/size.js";
import { type KbuildTree, kbuildAction, kbuildInputs } from "./kbuild.js";
import { BUILD } from "./tools.js";
import { XEN_OUTPUTS } from "./xen-outputs.js";

/** What op `prebuilt-xen` is told. */
export interface PrebuiltXenArgs {
  /** For messages: `package xen-hypervisor-4.17-armhf`, `source xen`. */
  readonly shown: string;
  /** How many inputs `part-N` there are to unpack; none: everything is in the input `rootfs`. */
  readonly parts: number;
  /** Path of Xen in them, when the recipe says it. */
  readonly image?: string;
  /** Seconds. */
  readonly epoch: number;
}

/** Mistakes in Xen's fragments, what they overrule of each other, and what the board has no fact for. */
export function checkXenFragments(spec: Spec): readonly Diagnostic[] {
  if (spec.xen?.from.kind !== "source") return [];
  const fragments = xenFragments(spec, spec.xen.from).map((one) => ({ ...one, name: one.path ?? one.name }));
  const silent: readonly Diagnostic[] =
    spec.xen.from.earlyPrintk && !spec.board.uart
      ? [
          {
            severity: "error",
            code: "xen-no-uart",
            message: `where ${spec.board.name}'s UART is, is not known, so Xen cannot print on it early`,
            help: "leave `early-printk` out, or give the board's SoC a `uart:`",
          },
        ]
      : [];
  return [...mergeFragments(fragments).diagnostics, ...silent];
}

/** Xen, compiled or as somebody else built it; nothing for a recipe without it. Throws Refused on malformed fragments. */
export function xenSteps(spec: Spec, assets: Assets): readonly Step[] {
  const { xen } = spec;
  if (!xen) return [];
  const errors = checkXenFragments(spec).filter((one) => one.severity === "error");
  if (errors.length > 0) throw new Refused(errors);
  return [xen.from.kind === "source" ? compiled(spec, xen.from, assets) : prebuilt(spec, xen.from, assets)];
}

function compiled(spec: Spec, from: CompiledXenSpec, assets: Assets): Step {
  const tree: KbuildTree = {
    source: from.source,
    defconfig: { inTree: from.defconfig },
    patches: from.patches,
    fragments: xenFragments(spec, from),
  };
  return {
    id: "xen",
    title: "compile Xen",
    action: kbuildAction(spec, tree, assets, "xen", {}),
    inputs: kbuildInputs(spec, tree, assets),
    outputs: XEN_OUTPUTS,
  };
}

/** The recipe's own, behind what makes an early console for the board. */
function xenFragments(spec: Spec, from: CompiledXenSpec): readonly Fragment[] {
  const { uart } = spec.board;
  if (!from.earlyPrintk || !uart) return from.fragments;
  const name = uart.driver.toUpperCase();
  const text = `CONFIG_DEBUG=y
CONFIG_EARLY_UART_CHOICE_${name}=y
CONFIG_EARLY_UART_BASE_ADDRESS=${hex(uart.base)}
CONFIG_EARLY_UART_${name}_REG_SHIFT=${uart.regShift}
`;
  return [{ name: "early-printk", text }, ...from.fragments];
}

function prebuilt(spec: Spec, from: Exclude<XenSpec["from"], CompiledXenSpec>, assets: Assets): Step {
  const packaged = from.kind === "package";
  const sources = packaged ? [] : from.sources;
  const shown = packaged ? `package ${from.package}` : `source${sources.length > 1 ? "s" : ""} ${sources.join(", ")}`;
  const args: PrebuiltXenArgs = {
    shown,
    parts: sources.length,
    ...(packaged || from.image === undefined ? {} : { image: from.image }),
    epoch: spec.epoch,
  };
  const parts = sources.map(
    (source, index): Input => ({ name: `part-${index}`, from: { step: `source:${source}`, output: "source" } }),
  );
  return {
    id: "xen",
    title: `take Xen from ${shown}`,
    action: {
      kind: "op",
      op: "prebuilt-xen",
      args: args as unknown as Json,
      tools: packaged ? [] : [BUILD],
      scripts: packaged ? {} : { "prebuilt-unpack": assets.script("prebuilt-unpack") },
      code: assets.code("prebuilt-xen"),
    },
    inputs: packaged
      ? [{ name: "rootfs", from: { step: "rootfs", output: "rootfs" } }]
      : [...parts, { name: "rpm-payload.py", from: { text: assets.text("steps/rpm-payload.py") } }],
    outputs: XEN_OUTPUTS,
    weight: "io",
  };
}
