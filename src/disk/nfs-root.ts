import type { NetbootSpec, NetworkSpec } from "../recipe/spec.js";

/**
 * The kernel's arguments for a root filesystem on a server: where it is, and the address to reach it from. Version 3 gets
 * nolock, for no statd runs before there is a root filesystem. See Linux, Documentation/admin-guide/nfs/nfsroot.rst.
 */
export function nfsRootArguments(
  { server, root, version, options, interface: port }: NetbootSpec,
  network: readonly NetworkSpec[],
  hostname: string,
): readonly string[] {
  const how = [`vers=${version}`, ...(version === 3 ? ["tcp", "nolock"] : []), ...options].join(",");
  const own = network.find((one) => one.interface === port);
  return [
    "root=/dev/nfs",
    `nfsroot=${server === undefined ? "" : `${server}:`}${root},${how}`,
    address(port, own, hostname),
  ];
}

/** `ip=CLIENT:SERVER:GATEWAY:NETMASK:HOST:DEVICE:HOW:DNS:DNS` */
function address(port: string, own: NetworkSpec | undefined, hostname: string): string {
  if (own?.address === undefined) return `ip=:::::${port}:dhcp`;
  const [ip = "", prefix = "24"] = own.address.split("/");
  const servers = own.dns.filter((one) => !one.includes(":")).slice(0, 2);
  return [
    "ip=",
    [ip, "", own.gateway ?? "", netmask(Number(prefix)), hostname, port, "off", ...servers].join(":"),
  ].join("");
}

function netmask(prefix: number): string {
  return [0, 8, 16, 24].map((from) => 256 - 2 ** (8 - Math.min(8, Math.max(0, prefix - from)))).join(".");
}
