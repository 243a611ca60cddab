import { valueText } from "../disk/device-tree-node.js";
import type { Input } from "../plan/step.js";
import type { GuestFile, GuestSpec } from "../recipe/guest.js";
import { dom0lessProperties } from "../xen/guests/dom0less.js";
import { libvirtDomain } from "../xen/guests/libvirt.js";
import { guestArguments, placeInDom0 } from "../xen/guests/place.js";
import { xlConfiguration } from "../xen/guests/xl.js";
import type { DomainArgs } from "./boot-files.js";
import { guestInitramfsId } from "./initramfs.js";

/** What op `provision` is told of a guest; a file with an `input` comes from there. */
export interface GuestArgs {
  readonly name: string;
  readonly xl: string;
  readonly libvirt: string;
  readonly autostart: boolean;
  readonly files: readonly { readonly path: string; readonly input?: string }[];
}

/** Guests that dom0's toolstack starts, as their files in dom0, and the inputs that these come from. */
export function guestFiles(guests: readonly GuestSpec[]): {
  readonly guests: readonly GuestArgs[];
  readonly inputs: readonly Input[];
} {
  const inputs = new Map<string, Input>();
  const args = guests
    .filter(({ dom0less }) => !dom0less)
    .map((guest) => ({
      name: guest.name,
      xl: xlConfiguration(guest),
      libvirt: libvirtDomain(guest),
      autostart: guest.autostart,
      files: (["kernel", "ramdisk"] as const).flatMap((what) => {
        const file = guest[what];
        if (file === undefined) return [];
        const path = placeInDom0(guest, what, file);
        if (file.kind === "dom0") return [{ path }];
        const input = "role" in file ? `guest-${what}-${file.role}` : `guest-${guest.name}-${what}`;
        inputs.set(input, { name: input, from: origin(file) });
        return [{ path, input }];
      }),
    }));
  return { guests: args, inputs: [...inputs.values()] };
}

/** Guests that Xen starts itself, with the inputs that their files come from: U-Boot loads them beside dom0's. */
export function bootDomains(guests: readonly GuestSpec[]): {
  readonly domains: readonly DomainArgs[];
  readonly inputs: readonly Input[];
} {
  const inputs: Input[] = [];
  const domains = guests
    .filter(({ dom0less }) => dom0less)
    .map((guest) => ({
      name: guest.name,
      properties: Object.entries(dom0lessProperties(guest)).map(
        ([name, value]) => [name, valueText(value) ?? ""] as const,
      ),
      arguments: guestArguments(guest),
      files: (["kernel", "ramdisk"] as const).flatMap((kind) => {
        const file = guest[kind];
        // What is in dom0, or mounts a disk, is refused for such a guest when the recipe is read.
        if (file === undefined || file.kind === "dom0" || file.kind === "minimal") return [];
        const input = `domain-${guest.name}-${kind}`;
        inputs.push({ name: input, from: origin(file) });
        return [{ kind, input }];
      }),
    }));
  return { domains, inputs };
}

function origin(file: Exclude<GuestFile, { readonly kind: "dom0" }>): Input["from"] {
  if (file.kind === "local") return { local: file.local };
  if (file.kind === "minimal") return { step: guestInitramfsId(file.role), output: "initramfs" };
  return { step: file.role === "dom0" ? "kernel" : "kernel:domU", output: "kernel" };
}
