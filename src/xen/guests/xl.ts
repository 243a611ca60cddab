import type { GuestDisk, GuestSpec } from "../../recipe/guest.js";
import { guestArguments, placeInDom0 } from "./place.js";

/** A guest as xl reads it: `/etc/xen/NAME.cfg`, see xl.cfg(5) and xl-disk-configuration(5). */
export function xlConfiguration(guest: GuestSpec): string {
  const { name, uuid, kernel, ramdisk, memory, vcpus, disks, vifs } = guest;
  const lines: readonly (readonly [string, string])[] = [
    ["name", quoted(name)],
    ["uuid", quoted(uuid)],
    ["kernel", quoted(placeInDom0(guest, "kernel", kernel))],
    ...(ramdisk ? [["ramdisk", quoted(placeInDom0(guest, "ramdisk", ramdisk))] as const] : []),
    ["extra", quoted(guestArguments(guest))],
    ["memory", String(memory / 1024 ** 2)],
    ["vcpus", String(vcpus)],
    ["disk", list(disks.map(disk))],
    ["vif", list(vifs.map(({ mac, bridge }) => `mac=${mac}, bridge=${bridge}`))],
    ["on_poweroff", quoted("destroy")],
    ["on_reboot", quoted("restart")],
    ["on_crash", quoted("destroy")],
  ];
  const text = lines.map(([key, value]) => `${key} = ${value}\n`).join("");
  return `# Made by boardsmith from the recipe's guests: ${name}.\n${text}`;
}

const BACKENDS = { volume: "phy", file: "qdisk", tap: "tap" } as const;

function disk({ kind, at, target, readOnly }: GuestDisk): string {
  const access = readOnly ? "ro" : "rw";
  const path = kind === "volume" ? `/dev/${at}` : at;
  // target= takes the rest of the text, whatever is in it, and so comes last.
  return `format=raw, vdev=${target}, access=${access}, backendtype=${BACKENDS[kind]}, target=${path}`;
}

function list(values: readonly string[]): string {
  return values.length === 0 ? "[]" : `[\n${values.map((value) => `  ${quoted(value)},\n`).join("")}]`;
}

/** Between double quotes a backslash takes a quote or a backslash as it is (Xen, tools/libs/util/libxlu_cfg.c). */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
