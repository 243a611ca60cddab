import { z } from "zod";
import type { Diagnostic } from "../../diagnostic/diagnostic.js";
import { find, keyOf, listAt, type Placed, textAt } from "../../diagnostic/placed.js";
import { type Check, wrong } from "./check.js";
import { wantsInitramfs } from "./initramfs.js";

/** A board that boots over the network: it has a port and an address, and nothing on its card that U-Boot would rather start. */
export const checkNetboot: Check = (root, board) => {
  const netboot = find(root, "netboot");
  if (netboot?.kind !== "map") return [];
  const key = keyOf(root, ["netboot"]);
  const found: Diagnostic[] = [...onCard(root), ...address(root, key, board?.ethernet)];
  if (board && board.ethernet === undefined) {
    const help = "take a board with one: `boardsmith boards` lists them";
    found.push(wrong("no-ethernet", `${board.name} has no Ethernet port to boot from`, key, help));
  }
  if (wantsInitramfs(root)) {
    const said = find(root, "boot", "initramfs")?.at ?? keyOf(root, ["kernel"]);
    const message =
      "over the network the kernel itself mounts the root filesystem; the initramfs looks for it on a card";
    const help = "take a kernel that has what it needs built in, with `boot: { initramfs: none }`";
    found.push(
      wrong("netboot-initramfs", message, said, help, [{ message: "the network is asked for here", at: key }]),
    );
  }
  return found;
};

/** U-Boot tries the card first: whatever boots from there is never looked for on a server. */
function onCard(root: Placed): readonly Diagnostic[] {
  const partitions = listAt(root, "image", "partitions");
  return [...partitions, ...partitions.flatMap((one) => listAt(one, "volumes"))].flatMap((one) => {
    const content = textAt(one, "content");
    if (content?.text !== "boot" && content?.text !== "root") return [];
    const what = content.text === "boot" ? "the kernel" : "the root filesystem";
    const message = `with \`netboot:\`, ${what} is on the server and not on the card`;
    const help = "leave it out; `partitions: []` is a card with U-Boot alone";
    return [wrong("netboot-card", message, content.at, help)];
  });
}

/** Without DHCP somebody else must name the server. */
function address(root: Placed, key: Diagnostic["at"] & object, port: string | undefined): readonly Diagnostic[] {
  const server = textAt(root, "netboot", "server");
  if (server && !z.ipv4().safeParse(server.text).success) {
    const message = `"${server.text}" is no IPv4 address, and a kernel that mounts its root knows no others`;
    return [wrong("bad-address", message, server.at, "expected an address such as 192.0.2.1")];
  }
  const name = textAt(root, "netboot", "interface")?.text ?? port;
  const own = listAt(root, "provision", "network").find((one) => textAt(one, "interface")?.text === name);
  const fixed = own && textAt(own, "address");
  if (!fixed) return [];
  if (fixed.text.includes(":")) {
    const message = "a kernel that mounts its root sets up IPv4 only";
    return [wrong("bad-address", message, fixed.at, "give it an IPv4 address, or `dhcp: true`")];
  }
  if (server || find(root, "netboot", "server")) return [];
  const message = `nobody tells the board its server: ${name} has an address of its own and asks no DHCP server`;
  const related = [{ message: "the address is here", at: fixed.at }];
  return [wrong("netboot-no-server", message, key, "say `server:` with its address", related)];
}
