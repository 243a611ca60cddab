import { z } from "zod";
import { exported, nfsClient, nfsOptions, nfsVersion } from "./nfs.js";
import { form, text } from "./text.js";

/** `netboot:` — kernel from a TFTP server, root filesystem from an NFS server; the card holds U-Boot alone. */
export const Netboot = z.strictObject({
  server: text()
    .optional()
    .describe("IPv4 address of the NFS server; without it, the server that the DHCP server names as next-server."),
  root: exported()
    .optional()
    .describe("Folder that the server exports as the board's root filesystem; without it, `/srv/nfs/NAME`."),
  version: nfsVersion(3).describe(
    "Version of the protocol. The emulator's server speaks 3; with another, the boot is not proven.",
  ),
  options: nfsOptions().describe("More mount options for the root filesystem, such as rsize=32768; see nfs(5)."),
  interface: form(/^[A-Za-z0-9_.-]{1,15}$/, "an interface such as eth0")
    .optional()
    .describe(
      "Interface that the kernel sets up; without it, the board's Ethernet port. Its address is that of `provision.network`, or DHCP's.",
    ),
  clients: z
    .array(nfsClient())
    .min(1)
    .default(["*"])
    .describe("Who may mount the root filesystem, for the server's exports; see exports(5)."),
});
