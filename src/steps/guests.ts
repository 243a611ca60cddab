import type { Input } from "../plan/step.js";
import type { GuestSpec } from "../recipe/guest.js";
import { libvirtDomain } from "../xen/guests/libvirt.js";
import { placeInDom0 } from "../xen/guests/place.js";
import { xlConfiguration } from "../xen/guests/xl.js";

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
        const input = file.kind === "role" ? `guest-kernel-${file.role}` : `guest-${guest.name}-${what}`;
        const from =
          file.kind === "local" ? file : { step: file.role === "dom0" ? "kernel" : "kernel:domU", output: "kernel" };
        inputs.set(input, { name: input, from: "kind" in from ? { local: from.local } : from });
        return [{ path, input }];
      }),
    }));
  return { guests: args, inputs: [...inputs.values()] };
}
