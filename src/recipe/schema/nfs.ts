import { z } from "zod";
import { form } from "./text.js";

/** A host as mount.nfs and exports(5) take it: a name, an IPv4 address, or an IPv6 address without brackets. */
const host = () => form(/^(?:[A-Za-z0-9][A-Za-z0-9.-]*|[0-9a-fA-F:]*:[0-9a-fA-F:.]+)$/, "a host's name or address");

/** A folder on an NFS server; colons, commas and blanks would end a field of fstab, exports or the kernel's command line. */
export const exported = () =>
  form(/^\/(?:[A-Za-z0-9_.+@-]+(?:\/[A-Za-z0-9_.+@-]+)*)?$/, "an absolute folder such as /srv/data");

/** A client as exports(5) takes it. */
export const nfsClient = () =>
  form(/^[A-Za-z0-9*?.:@[][A-Za-z0-9*?.:/@[\]-]*$/, "a client such as 192.0.2.0/24, *.example.org or *");

/** Options of mount.nfs, see nfs(5). */
export const nfsOptions = () =>
  z.array(form(/^[a-z0-9_]+(?:=[A-Za-z0-9_.:/@-]+)?$/, "one option such as ro or rsize=32768")).default([]);

export const nfsVersion = (fallback: 3 | 4.2) => z.literal([3, 4, 4.1, 4.2]).default(fallback);

const Mount = z.strictObject({
  server: host().describe("The server, by name or address."),
  path: exported().describe("Folder that the server exports."),
  at: form(/^(?:\/[A-Za-z0-9_.-]+)+$/, "an absolute folder such as /srv/music").describe("Folder it is mounted on."),
  version: nfsVersion(4.2).describe(
    "Version of the protocol. With 3, rpcbind and statd are enabled as well, for it locks by them.",
  ),
  options: nfsOptions().describe("Options beyond those that follow from the other keys, such as ro; see nfs(5)."),
  required: z
    .boolean()
    .default(false)
    .describe(
      "Logins wait for it (until it is there, or systemd gives up), and it counts as failed when it does not come. Otherwise nothing waits.",
    ),
});

const Export = z.strictObject({
  path: exported().describe("Folder of this board."),
  clients: z.array(nfsClient()).min(1).describe("Who may mount it: hosts, networks, or patterns; see exports(5)."),
  options: z
    .array(form(/^[a-z_]+(?:=[A-Za-z0-9:/_.-]+)?$/, "one option such as ro or all_squash"))
    .default(["rw", "sync", "no_subtree_check"])
    .describe("Options for all of its clients, see exports(5)."),
});

/** `provision.nfs:` — what the board mounts from NFS servers, and what it serves itself. */
export const Nfs = z.strictObject({
  mounts: z.array(Mount).default([]).describe("Folders of NFS servers that the board mounts."),
  exports: z.array(Export).default([]).describe("Folders of the board that others may mount."),
});
