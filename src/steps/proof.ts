import type { Board } from "../board/board.js";
import { rootGrows } from "../disk/growth.js";
import type { Assets, Step } from "../plan/step.js";
import type { ProofSpec, Spec } from "../recipe/spec.js";
import type { Json } from "../util/canonical.js";
import { QEMU } from "./tools.js";

/** What a proof has to know of a recipe and its board; the arguments of op `proof`, and so part of its key. */
export interface ProofArgs {
  readonly recipe: string;
  readonly board: string;
  /** Null: nothing emulates the board. */
  readonly qemu: { readonly machine: string; readonly memory: number; readonly until: "kernel" | "login" } | null;
  /** `dialog`: the image asks for root's password on its first boot. `password`: it does not, a throw-away copy gets one. */
  readonly access: "dialog" | "password";
  readonly lvm: boolean;
  /** The root filesystem grows with the card on first boot, which then has to be seen. */
  readonly grows: boolean;
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
    access: asksPassword(spec.provision) ? "dialog" : "password",
    grows: spec.provision.grow && rootGrows(spec.image),
    lvm: spec.lvm,
    lvmTools: spec.lvm && (spec.rootfs.kind === "distro" || spec.rootfs.kind === "rpm"),
    checks: spec.proof.checks,
    timeouts: spec.proof.timeouts,
  };
}

/** Does the first boot ask for root's password in a dialog that the proof can hold? Provisioning decides by the same words. */
function asksPassword({ firstboot, users }: Spec["provision"]): boolean {
  if (firstboot.kind === "systemd")
    return !users.some((user) => user.name === "root" && user.passwordHash !== undefined);
  const able = users.some((user) => user.passwordHash !== undefined || user.sshKeys.length > 0);
  return firstboot.kind === "password" && !able;
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
  return [
    {
      id: "proof",
      title: args.qemu ? `boot the image on an emulated ${spec.board.title}` : `no emulator for ${spec.board.title}`,
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
      ],
      outputs: [
        { name: "proof", kind: "file" },
        { name: "junit", kind: "file" },
        { name: "serial", kind: "file" },
      ],
      weight: "cpu",
    },
  ];
}
