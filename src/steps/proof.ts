import type { Board } from "../board/board.js";
import type { Model } from "../board/model.js";
import type { Assets, Input, Step } from "../plan/step.js";
import type { ProofSpec, Spec } from "../recipe/spec.js";
import type { Json } from "../util/canonical.js";
import { QEMU } from "./tools.js";

/** What a proof has to know of a recipe and its board; the arguments of op `proof`, and so part of its key. */
export interface ProofArgs {
  readonly recipe: string;
  readonly board: string;
  /** Null: nothing emulates the board. */
  readonly qemu: { readonly machine: string; readonly memory: number; readonly until: "kernel" | "login" } | null;
  /** Xen is started first: the system has dom0's memory in bytes, and no more. */
  readonly dom0?: { readonly memory: number };
  /** The image is a fast model's disk: its twin is started with an image that has Xen and dom0's kernel (input `axf`). */
  readonly twin?: Model;
  /** `dialog`: the image asks for root's password on its first boot. `password`: it does not, a throw-away copy gets one. */
  readonly access: "dialog" | "password";
  readonly lvm: boolean;
  /** lvm2's tools have to be in the root file system. */
  readonly lvmTools: boolean;
  readonly checks: ProofSpec["checks"];
  readonly timeouts: ProofSpec["timeouts"];
}

/** The arguments of a recipe's proof. */
export function proofArgs(spec: Spec): ProofArgs {
  return {
    recipe: spec.name,
    board: spec.board.name,
    qemu: spec.proof.enabled ? emulationOf(spec.board) : null,
    ...(spec.xen ? { dom0: { memory: spec.xen.dom0.memory } } : {}),
    // The first boot asks when nobody of the recipe's could log in (provisioning decides by the same words).
    access: spec.provision.users.some((user) => user.passwordHash !== undefined || user.sshKeys.length > 0)
      ? "password"
      : "dialog",
    lvm: spec.lvm,
    lvmTools: spec.lvm && (spec.rootfs.kind === "distro" || spec.rootfs.kind === "rpm"),
    checks: spec.proof.checks,
    timeouts: spec.proof.timeouts,
  };
}

/** A board's emulator, or null. */
export function emulationOf(board: Pick<Board, "qemu">): ProofArgs["qemu"] {
  if (!board.qemu) return null;
  const { machine, memory, until } = board.qemu;
  return { machine, memory, until };
}

/** Step `proof`: the image booted in the board's emulator. For a board without one it records just that. */
export function proofSteps(spec: Spec, assets: Assets): readonly Step[] {
  const args = proofArgs(spec);
  const title = args.qemu ? `boot the image on an emulated ${spec.board.title}` : `no emulator for ${spec.board.title}`;
  return [proofStep(spec, assets, { id: "proof", title, args, more: [] })];
}

/** Step `twin`: the fast model's image booted on the model's twin, with the card's image as its disk. */
export function twinSteps(spec: Spec, assets: Assets): readonly Step[] {
  const { fastModel: model } = spec;
  if (!model || !spec.xen || !spec.proof.twin) return [];
  const qemu = { machine: model.twin.machine, memory: model.dram.size, until: "login" } as const;
  const args: ProofArgs = { ...proofArgs(spec), board: model.name, qemu, twin: model };
  const title = `boot the fast model's image on its twin (${model.twin.machine.replace(/,.*/, "")})`;
  const more = [{ name: "axf", from: { step: "fast-model", output: "image" } }];
  return [proofStep(spec, assets, { id: "twin", title, args, more })];
}

function proofStep(
  spec: Spec,
  assets: Assets,
  {
    id,
    title,
    args,
    more,
  }: { readonly id: string; readonly title: string; readonly args: ProofArgs; readonly more: readonly Input[] },
): Step {
  return {
    id,
    title,
    action: {
      kind: "op",
      op: "proof",
      args: args as unknown as Json,
      tools: args.qemu ? [QEMU] : [],
      scripts: args.qemu ? { proof: assets.script("proof") } : {},
      code: assets.code("proof"),
    },
    inputs: [
      { name: "image", from: { step: "image", output: "image" } },
      { name: "layout", from: { step: "image", output: "layout" } },
      { name: "release", from: { step: "kernel", output: "release" } },
      ...(spec.xen ? [{ name: "xen-release", from: { step: "xen", output: "release" } }] : []),
      ...more,
    ],
    outputs: [
      { name: "proof", kind: "file" },
      { name: "junit", kind: "file" },
      { name: "serial", kind: "file" },
    ],
    weight: "cpu",
  };
}
