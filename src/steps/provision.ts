import { growVolume } from "../disk/growth.js";
import { kernelMapsRoot } from "../disk/root-device.js";
import type { Assets, Input, Step } from "../plan/step.js";
import { CARD_LABEL } from "../recipe/card-label.js";
import { systemConsole } from "../recipe/console.js";
import type { Spec } from "../recipe/spec.js";
import type { Provisioning } from "../rootfs/provision.js";
import { ROOT_VOLUME_FILES } from "../rootfs/root-volume.js";
import { type Json, sha256 } from "../util/canonical.js";
import { type GuestArgs, guestFiles } from "./guests.js";
import { mounts } from "./mounts.js";

/** What op `provision` is told. Password hashes are secret: here is their digest only, they themselves come by `transient`. */
export interface ProvisionArgs extends Omit<Provisioning, "users" | "overlays" | "modules" | "release" | "guests"> {
  readonly users: readonly (Omit<Provisioning["users"][number], "passwordHash"> & {
    readonly passwordDigest?: string;
  })[];
  readonly guests?: readonly GuestArgs[];
  /** Input `overlay-N` belongs to the N-th. */
  readonly overlays: readonly {
    readonly shown: string;
    readonly kind: "file" | "tree";
    /** Of a file. */
    readonly name: string;
    readonly to: string;
    readonly uid: number;
    readonly gid: number;
    readonly mode?: number;
  }[];
}

export interface ProvisionSecrets {
  /** By user. */
  readonly passwordHashes: { readonly [user: string]: string };
}

const FILES = [
  "boardsmith-firstboot",
  "boardsmith-firstboot.service",
  "boardsmith-grow",
  "boardsmith-grow.service",
  "boardsmith-ssh-keys.service",
];

/** Of an image whose cards are made their own. */
const CARD_FILES = ["boardsmith-provision", "boardsmith-provision.service"];

/** Kernel modules and all of the recipe's `provision:` into the rootfs, as edits of its tar. */
export function provisionStep(spec: Spec, assets: Assets): Step {
  const { users, overlays, firstboot, ...plain } = spec.provision;
  const guests = guestFiles(spec.guests);
  const growing = growVolume(spec.image);
  const cards = spec.image.partitions.some((one) => one.content === "provision" && one.label === CARD_LABEL);
  const args: ProvisionArgs = {
    ...plain,
    firstboot: firstboot.kind,
    users: users.map(({ passwordHash, ...user }) => ({
      ...user,
      ...(passwordHash === undefined ? {} : { passwordDigest: sha256(passwordHash) }),
    })),
    overlays: overlays.map(({ from, ...where }) => ({
      ...where,
      shown: from.shown,
      kind: from.kind,
      name: from.shown.replace(/^.*\//, ""),
    })),
    mounts: mounts(spec),
    ...(spec.netboot ? { rootInterface: spec.netboot.interface } : {}),
    ...(growing ? { growVolume: growing } : {}),
    ...(cards ? { cards: true } : {}),
    ...(kernelMapsRoot(spec) ? { rootVolume: true } : {}),
    ...(guests.guests.length > 0 ? { guests: guests.guests } : {}),
    console: systemConsole(spec).device,
    files: Object.fromEntries(
      [...FILES, ...(cards ? CARD_FILES : []), ...(kernelMapsRoot(spec) ? ROOT_VOLUME_FILES : [])].map((name) => [
        name,
        assets.text(`rootfs/files/${name}`),
      ]),
    ),
    epoch: spec.epoch,
  };
  const secrets: ProvisionSecrets = {
    passwordHashes: Object.fromEntries(
      users.flatMap(({ name, passwordHash }) => (passwordHash === undefined ? [] : [[name, passwordHash]])),
    ),
  };
  return {
    id: "provision",
    title: "provision the root filesystem",
    action: {
      kind: "op",
      op: "provision",
      args: args as unknown as Json,
      transient: secrets as unknown as Json,
      tools: [],
      scripts: {},
      code: assets.code("provision"),
    },
    inputs: [
      { name: "rootfs", from: { step: "rootfs", output: "rootfs" } },
      { name: "modules", from: { step: "kernel", output: "modules" } },
      { name: "release", from: { step: "kernel", output: "release" } },
      ...overlays.map(({ from }, index): Input => ({ name: `overlay-${index}`, from: { local: from } })),
      ...guests.inputs,
    ],
    outputs: [{ name: "rootfs", kind: "file" }],
    weight: "io",
  };
}
