import { join } from "node:path";
import type { Mount } from "../engine/engine.js";
import type { ServedRoot } from "../steps/proof.js";

/** What a board that boots over the network gets from the emulator's own servers. Paths are the host's. */
export interface Served {
  /** Tar of the TFTP tree, and of the root filesystem. */
  readonly tftp: string;
  readonly root: string;
  /** The NFS server's programs by name, see NFS_PROGRAMS. */
  readonly programs: { readonly [name: string]: string };
}

/** Where the script that makes the card leaves the unpacked TFTP tree and root's password hash, in the card's folder. */
export const SERVED_FILES = { tftp: "tftp", hash: "root-hash" } as const;

/** The servers' mounts in the emulator's container. */
export function servedMounts(served: Served): readonly Mount[] {
  const programs = Object.entries(served.programs).map(([name, path]) => [`nfs/${name}`, path] as const);
  const files = [["tftp", served.tftp], ["nfsroot", served.root], ...programs] as const;
  return files.map(([name, source]) => ({ source, target: `/in/${name}`, readOnly: true }));
}

/**
 * QEMU's network for a board that boots over it: its own TFTP and DHCP, at the addresses that the recipe names. What the
 * board sends to the server's address arrives at this container's own, where the NFS server listens.
 */
export function servedNetwork({ server, address }: Pick<ServedRoot, "server" | "address">): string {
  const parts = ["user", `tftp=${join("/card", SERVED_FILES.tftp)}`];
  const [own, prefix = "24"] = address?.split("/") ?? [];
  if (server !== undefined) {
    const free = [3, 4, 5].map((last) => server.replace(/\d+$/, String(last)));
    const dns = free.find((one) => one !== server && one !== own);
    parts.push(`net=${server}/${prefix}`, `host=${server}`, `dns=${dns}`);
    if (own !== undefined) parts.push(`dhcpstart=${own}`);
  }
  return parts.join(",");
}

/** QEMU's command line with the NFS server beside it; both end with the container. */
export function withServer(argv: readonly string[], path: string, withHash: boolean): readonly string[] {
  const hash = withHash ? ` --root-hash "$(cat ${join("/card", SERVED_FILES.hash)})"` : "";
  const script = `path=$1; shift; python3 -B /in/nfs/server.py /in/nfsroot "$path"${hash} & exec "$@"`;
  return ["sh", "-c", script, "served", path, ...argv];
}
