import { z } from "zod";
import type { Diagnostic } from "../../diagnostic/diagnostic.js";
import { find, listAt, type Placed, textAt } from "../../diagnostic/placed.js";
import { type Check, doubtful, wrong } from "./check.js";
import { twice } from "./users.js";

/** Network addresses that are none, and units that are to be on and off at once. */
export const checkSystem: Check = (root) => {
  const network = listAt(root, "provision", "network");
  return [
    ...network.flatMap(checkInterface),
    ...twice(
      network.map((one) => textAt(one, "interface")),
      "interface",
    ),
    ...checkUnits(root),
  ];
};

function checkInterface(one: Placed): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const address = textAt(one, "address");
  const dhcp = find(one, "dhcp");
  const asks = dhcp?.kind === "scalar" && dhcp.value === true;
  if (address && asks) {
    found.push(
      wrong("two-kinds", '"address" and "dhcp: true" exclude each other', address.at, "keep one", [
        { message: "dhcp is here", at: dhcp.at },
      ]),
    );
  } else if (!address && !asks) {
    found.push(wrong("missing-key", "an interface needs `dhcp: true` or an address", one.at));
  }
  if (address) {
    const [ip = "", bits, more] = address.text.split("/");
    const family = isIP(ip);
    const fits = bits !== undefined && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
    if (family === 0 || !fits || more !== undefined) {
      const message = `"${address.text}" is no address with a prefix length`;
      found.push(wrong("bad-address", message, address.at, "expected an address such as 192.0.2.10/24"));
    }
  }
  const servers = listAt(one, "dns").map((server) => textAt(server));
  for (const ip of [textAt(one, "gateway"), ...servers]) {
    if (ip && isIP(ip.text) === 0) found.push(wrong("bad-address", `"${ip.text}" is no IP address`, ip.at));
  }
  return found;
}

function checkUnits(root: Placed): readonly Diagnostic[] {
  const on = listAt(root, "provision", "units", "enable").map((unit) => textAt(unit));
  const off = ["disable", "mask"].flatMap((how) => listAt(root, "provision", "units", how).map((unit) => textAt(unit)));
  return off.flatMap((unit) => {
    const other = on.find((one) => unit && one?.text === unit.text);
    if (!unit || !other) return [];
    const related = [{ message: "enabled here", at: other.at }];
    return [wrong("two-kinds", `"${unit.text}" is to be on and off at once`, unit.at, undefined, related)];
  });
}

const OF_LAYOUT = /^(root|rootwait)(=|$)/;
const OF_NETBOOT = /^(root|rootwait|nfsroot|nfsrootfstype|ip)(=|$)/;

/** Arguments that boardsmith itself gives the kernel. A second console= is an honest wish; a second root= does not boot. */
export const checkArguments: Check = (root) =>
  listAt(root, "boot", "arguments").flatMap((argument) => {
    const text = textAt(argument);
    const name = text && (find(root, "netboot") ? OF_NETBOOT : OF_LAYOUT).exec(text.text)?.[1];
    if (!text || !name) return [];
    const message = `boardsmith itself gives the kernel "${name}", from ${find(root, "netboot") ? "`netboot:`" : "the layout"}`;
    return [wrong("argument-taken", message, text.at, "leave it out")];
  });

/** lvm2's tools have to be in the rootfs for the proof to run them. */
export const checkLvm: Check = (root) => {
  const lvm = find(root, "lvm");
  const wanted = !(lvm?.kind === "scalar" && lvm.value === false);
  const packages = find(root, "rootfs", "packages");
  if (!wanted || !["distro", "rpm"].some((kind) => find(root, "rootfs", kind)) || packages?.kind !== "list") return [];
  if (packages.values.some((name) => name.kind === "scalar" && name.value === "lvm2")) return [];
  const help = "add `lvm2`, or say `lvm: false`";
  return [
    doubtful("no-lvm2", "the kernel gets what lvm2 needs, and lvm2 is not among the packages", packages.at, help),
  ];
};

/** 4 or 6 for an address of that family, 0 for anything else. */
function isIP(text: string): 0 | 4 | 6 {
  if (z.ipv4().safeParse(text).success) return 4;
  return z.ipv6().safeParse(text).success ? 6 : 0;
}
