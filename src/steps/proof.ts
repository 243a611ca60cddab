import type { Board } from "../board/board.js";
import type { Model } from "../board/model.js";
import { rootGrows } from "../disk/growth.js";
import type { Assets, Input, Step } from "../plan/step.js";
import type { NetbootSpec, NetworkSpec, ProofSpec, Spec } from "../recipe/spec.js";
import { mountUnit } from "../rootfs/mount-unit.js";
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
  /** How many guests Xen starts itself, beside dom0. */
  readonly dom0less?: number;
  /** The image is a fast model's disk: its twin is started with an image that has Xen and dom0's kernel (input `axf`). */
  readonly twin?: Model;
  /** `dialog`: the image asks for root's password on its first boot. `password`: it does not, a throw-away copy gets one. */
  readonly access: "dialog" | "password";
  readonly lvm: boolean;
  /** The root filesystem grows with the card on first boot, which then has to be seen. */
  readonly grows: boolean;
  /** lvm2's tools have to be in the root file system. */
  readonly lvmTools: boolean;
  /** Set: the root file system comes from a server. */
  readonly netboot?: ServedRoot;
  /** Why a board that an emulator boots is not booted all the same. */
  readonly notEmulated?: string;
  /** Units that mount what the emulator's network does not have. */
  readonly elsewhere: readonly string[];
  readonly checks: ProofSpec["checks"];
  readonly timeouts: ProofSpec["timeouts"];
}

/** What the emulator's NFS server has to be like. */
export interface ServedRoot {
  /** Folder that it exports. */
  readonly root: string;
  /** IPv4, where the recipe names it. */
  readonly server?: string;
  /** The board's own, with its prefix, where it asks no DHCP server. */
  readonly address?: string;
}

/** The arguments of a recipe's proof. */
export function proofArgs(spec: Spec): ProofArgs {
  const { netboot } = spec;
  const dom0less = spec.guests.filter((guest) => guest.dom0less).length;
  const emulation = spec.proof.enabled ? emulationOf(spec.board) : null;
  const notEmulated = emulation && netboot ? unserved(netboot, servedRoot(netboot, spec.provision.network)) : undefined;
  return {
    recipe: spec.name,
    board: spec.board.name,
    qemu: notEmulated === undefined ? emulation : null,
    ...(spec.xen ? { dom0: { memory: spec.xen.dom0.memory } } : {}),
    ...(dom0less > 0 ? { dom0less } : {}),
    access: asksPassword(spec.provision) ? "dialog" : "password",
    grows: spec.provision.grow && rootGrows(spec.image),
    lvm: spec.lvm,
    lvmTools: spec.lvm && (spec.rootfs.kind === "distro" || spec.rootfs.kind === "rpm"),
    ...(netboot ? { netboot: servedRoot(netboot, spec.provision.network) } : {}),
    ...(notEmulated === undefined ? {} : { notEmulated }),
    elsewhere: spec.provision.nfs.mounts.map(({ at }) => mountUnit(at)),
    checks: spec.proof.checks,
    timeouts: spec.proof.timeouts,
  };
}

function servedRoot({ root, server, interface: port }: NetbootSpec, network: readonly NetworkSpec[]): ServedRoot {
  const address = network.find((one) => one.interface === port)?.address;
  return { root, ...(server === undefined ? {} : { server }), ...(address === undefined ? {} : { address }) };
}

/** Why the emulator cannot serve this root; undefined when it can. */
function unserved({ version }: NetbootSpec, { server, address }: ServedRoot): string | undefined {
  if (version !== 3) return `the emulator's NFS server speaks version 3, the recipe wants ${version}`;
  if (server === undefined || address === undefined || sameNetwork(server, address)) return undefined;
  return `the emulator has one network, and ${server} is not in the board's, ${address}`;
}

function sameNetwork(server: string, address: string): boolean {
  const [own = "", prefix = "24"] = address.split("/");
  const network = (ip: string) =>
    Math.floor(ip.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0) / 2 ** (32 - Number(prefix)));
  return network(server) === network(own);
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
  const title = args.qemu
    ? `boot ${spec.netboot ? "over the network" : "the image"} on an emulated ${spec.board.title}`
    : `no emulator for ${spec.board.title}`;
  const more = args.qemu && spec.netboot ? servedInputs(assets) : [];
  return [proofStep(spec, assets, { id: "proof", title, args, more })];
}

/** Step `twin`: the fast model's image booted on the model's twin, with the card's image as its disk. */
export function twinSteps(spec: Spec, assets: Assets): readonly Step[] {
  const { fastModel: model } = spec;
  if (!model || !spec.xen || !spec.proof.twin) return [];
  const qemu = { machine: model.twin.machine, memory: model.dram.size, until: "login" } as const;
  // Guests that Xen starts itself are the card's.
  const { dom0less: _, ...common } = proofArgs(spec);
  const args: ProofArgs = { ...common, board: model.name, qemu, twin: model };
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

/** Files of src/emulate/nfs: an NFS server, and the modules that it imports. */
export const NFS_PROGRAMS = ["server.py", "calls.py", "tree.py", "xdr.py"] as const;

/** The input that is one of them. */
export function nfsProgram(name: (typeof NFS_PROGRAMS)[number]): string {
  return `nfs-${name}`;
}

function servedInputs(assets: Assets): readonly Input[] {
  return [
    { name: "tftp", from: { step: "boot-files", output: "boot" } },
    { name: "nfsroot", from: { step: "provision", output: "rootfs" } },
    ...NFS_PROGRAMS.map(
      (name): Input => ({ name: nfsProgram(name), from: { text: assets.text(`emulate/nfs/${name}`) } }),
    ),
  ];
}
