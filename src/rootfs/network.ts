import type { NetworkSpec } from "../recipe/spec.js";
import { addPackages } from "./add-packages.js";
import type { Findings } from "./findings.js";
import { initOf } from "./init.js";
import type { Tree } from "./tree.js";
import { enableUnit } from "./units.js";

const DHCP_CLIENTS = [
  "sbin/dhclient",
  "usr/sbin/dhclient",
  "usr/sbin/dhcpcd",
  "sbin/dhcpcd",
  "sbin/udhcpc",
  "bin/udhcpc",
];

/**
 * Sets the interfaces up with what the rootfs has for it, and says what that was: systemd-networkd, or an ifup. The one
 * that the root filesystem comes through was set up by the kernel, and nobody may take its address away for a moment.
 */
export function network(
  tree: Tree,
  interfaces: readonly NetworkSpec[],
  findings: Findings,
  rootInterface?: string,
): void {
  if (interfaces.length === 0) return;
  const names = interfaces.map((one) => one.interface).join(", ");
  if (initOf(tree) === "systemd") keepNames(tree, interfaces);
  if (initOf(tree) === "systemd" && tree.has("usr/lib/systemd/system/systemd-networkd.service")) {
    for (const one of interfaces)
      tree.write(`etc/systemd/network/10-${one.interface}.network`, networkd(one, one.interface === rootInterface));
    enableUnit(tree, "systemd-networkd.service", findings);
    findings.note(`network: ${names} by systemd-networkd`);
    if (tree.has("usr/lib/systemd/system/systemd-resolved.service")) return;
    if (!resolvers(tree, interfaces)) {
      findings.note("warning: network: without systemd-resolved nobody uses the DNS servers that DHCP names");
    }
    return;
  }
  if (!["sbin/ifup", "usr/sbin/ifup"].some((tool) => tree.has(tool))) {
    findings.mistake(
      "no-network-tool",
      `network: the rootfs has nothing that sets ${names} up (neither systemd-networkd nor ifup)`,
      addPackages(tree, { debian: "systemd or ifupdown", opensuse: "systemd-networkd" }),
    );
    return;
  }
  const loopback = "auto lo\niface lo inet loopback\n";
  const source = tree.has("etc/network/interfaces.d") ? "source /etc/network/interfaces.d/*\n\n" : "";
  tree.write(
    "etc/network/interfaces",
    `${source}${loopback}${interfaces.map((one) => `\n${ifupdown(one, one.interface === rootInterface)}`).join("")}`,
  );
  resolvers(tree, interfaces);
  findings.note(`network: ${names} by ifup (/etc/network/interfaces)`);
  if (
    interfaces.some((one) => one.dhcp && one.interface !== rootInterface) &&
    !DHCP_CLIENTS.some((client) => tree.has(client))
  ) {
    findings.mistake(
      "no-dhcp-client",
      `network: ${names} by ifup with DHCP, and the rootfs has no DHCP client`,
      addPackages(tree, { debian: "dhcpcd-base", opensuse: "dhcpcd" }),
    );
  }
}

/** udev would call eth0 end0 and the like: an interface that the recipe names as the kernel does keeps that name, see systemd.link(5). */
function keepNames(tree: Tree, interfaces: readonly NetworkSpec[]): void {
  for (const { interface: name } of interfaces) {
    if (!/^(eth|wlan|usb)\d+$/.test(name)) continue;
    tree.write(`etc/systemd/network/10-${name}.link`, `[Match]\nOriginalName=${name}\n\n[Link]\nNamePolicy=kernel\n`);
  }
}

/** A systemd.network(5) file. */
function networkd(one: NetworkSpec, holdsRoot: boolean): string {
  const lines = ["[Match]", `Name=${one.interface}`, "", "[Network]", `DHCP=${one.dhcp ? "yes" : "no"}`];
  if (one.address !== undefined) lines.push(`Address=${one.address}`);
  if (one.gateway !== undefined) lines.push(`Gateway=${one.gateway}`);
  for (const server of one.dns) lines.push(`DNS=${server}`);
  if (holdsRoot) lines.push("KeepConfiguration=yes");
  return `${lines.join("\n")}\n`;
}

/** A stanza of interfaces(5); busybox reads a network mask only beside the address, as here. */
function ifupdown(one: NetworkSpec, holdsRoot: boolean): string {
  if (holdsRoot) return `auto ${one.interface}\niface ${one.interface} inet manual\n`;
  const family = one.address?.includes(":") ? "inet6" : "inet";
  const lines = [`auto ${one.interface}`, `iface ${one.interface} ${one.dhcp ? "inet dhcp" : `${family} static`}`];
  if (!one.dhcp && one.address !== undefined) {
    const [address = "", prefix = "24"] = one.address.split("/");
    lines.push(`  address ${address}`, `  netmask ${family === "inet6" ? prefix : mask(Number(prefix))}`);
    if (one.gateway !== undefined) lines.push(`  gateway ${one.gateway}`);
  }
  return `${lines.join("\n")}\n`;
}

function mask(prefix: number): string {
  return [0, 8, 16, 24].map((from) => 256 - 2 ** (8 - Math.min(8, Math.max(0, prefix - from)))).join(".");
}

/** Named DNS servers go straight into resolv.conf where nothing else writes it; says whether there were any. */
function resolvers(tree: Tree, interfaces: readonly NetworkSpec[]): boolean {
  const servers = [...new Set(interfaces.flatMap((one) => one.dns))];
  if (servers.length === 0) return !interfaces.some((one) => one.dhcp);
  tree.remove("etc/resolv.conf");
  tree.write("etc/resolv.conf", servers.map((server) => `nameserver ${server}\n`).join(""));
  return true;
}
