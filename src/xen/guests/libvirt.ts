import type { GuestDisk, GuestSpec } from "../../recipe/guest.js";
import { guestArguments, placeInDom0 } from "./place.js";

/**
 * A guest as libvirt's libxl driver reads it: `/etc/libvirt/libxl/NAME.xml`, see libvirt's formatdomain.html.
 * The type is that of paravirtual guests: libvirt's schema knows no other for ARM, and libxl makes it a PVH guest there.
 */
export function libvirtDomain(guest: GuestSpec): string {
  const { name, uuid, kernel, ramdisk, memory, vcpus, disks, vifs } = guest;
  return [
    "<!-- Made by boardsmith from the recipe's guests. -->",
    '<domain type="xen">',
    `  <name>${escaped(name)}</name>`,
    `  <uuid>${uuid}</uuid>`,
    `  <memory unit="KiB">${memory / 1024}</memory>`,
    `  <vcpu>${vcpus}</vcpu>`,
    "  <os>",
    '    <type machine="xenpv">linux</type>',
    `    <kernel>${escaped(placeInDom0(guest, "kernel", kernel))}</kernel>`,
    ...(ramdisk ? [`    <initrd>${escaped(placeInDom0(guest, "ramdisk", ramdisk))}</initrd>`] : []),
    `    <cmdline>${escaped(guestArguments(guest))}</cmdline>`,
    "  </os>",
    "  <on_poweroff>destroy</on_poweroff>",
    "  <on_reboot>restart</on_reboot>",
    "  <on_crash>destroy</on_crash>",
    "  <devices>",
    ...disks.flatMap(disk),
    ...vifs.flatMap(({ mac, bridge }) => [
      '    <interface type="bridge">',
      `      <mac address="${mac}"/>`,
      `      <source bridge="${escaped(bridge)}"/>`,
      "    </interface>",
    ]),
    '    <console type="pty">',
    '      <target type="xen" port="0"/>',
    "    </console>",
    "  </devices>",
    "</domain>",
    "",
  ].join("\n");
}

const DRIVERS = { volume: "phy", file: "qemu", tap: "tap" } as const;

function disk({ kind, at, target, readOnly }: GuestDisk): readonly string[] {
  const block = kind === "volume";
  const source = block ? `dev="${escaped(`/dev/${at}`)}"` : `file="${escaped(at)}"`;
  return [
    `    <disk type="${block ? "block" : "file"}" device="disk">`,
    `      <driver name="${DRIVERS[kind]}" type="raw"/>`,
    `      <source ${source}/>`,
    `      <target dev="${target}" bus="xen"/>`,
    ...(readOnly ? ["      <readonly/>"] : []),
    "    </disk>",
  ];
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}
