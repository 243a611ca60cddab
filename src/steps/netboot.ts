import type { Assets, Step } from "../plan/step.js";
import type { NetbootSpec, Spec } from "../recipe/spec.js";
import type { Json } from "../util/canonical.js";

/** What op `netboot` is told: the text of each of its outputs. */
export interface NetbootArgs {
  readonly texts: { readonly [output: string]: string };
}

/** What somebody who sets up the server needs beside the two tars: the line for its exports, the kernel's arguments, what to do. */
export function netbootSteps(spec: Spec, kernelLine: string, assets: Assets): readonly Step[] {
  if (!spec.netboot) return [];
  const args: NetbootArgs = {
    texts: {
      exports: exportsLine(spec.netboot),
      cmdline: `${kernelLine}\n`,
      server: serverText(spec.name, spec.netboot),
    },
  };
  return [
    {
      id: "netboot",
      title: "what the server has to know",
      action: {
        kind: "op",
        op: "netboot",
        args: args as unknown as Json,
        tools: [],
        scripts: {},
        code: assets.code("netboot"),
      },
      inputs: [],
      outputs: Object.keys(args.texts).map((name) => ({ name, kind: "file" })),
      weight: "io",
    },
  ];
}

/** One line of exports(5). Root has to stay root, or the board could not even read its own /etc/shadow. */
function exportsLine({ root, clients }: NetbootSpec): string {
  const options = "rw,sync,no_root_squash,no_subtree_check";
  return `${root} ${clients.map((client) => `${client}(${options})`).join(" ")}\n`;
}

function serverText(name: string, { root, server, version }: NetbootSpec): string {
  const range =
    server === undefined
      ? "192.0.2.100,192.0.2.150"
      : `${server.replace(/\d+$/, "")}100,${server.replace(/\d+$/, "")}150`;
  const extraction = "tar --numeric-owner --xattrs --xattrs-include='*' -xpf";
  return `${name} boots from a TFTP and an NFS server. On that server, as root, in the folder with these files:

1. The kernel, its device tree and what U-Boot reads, for TFTP:

   mkdir -p /srv/tftp && tar -xf ${name}.tftp.tar -C /srv/tftp

2. The root filesystem, for NFS${version === 3 ? "" : ` (version ${version})`}; an empty folder each time:

   mkdir -p ${root} && ${extraction} ${name}.nfsroot.tar -C ${root}

3. Its line among the server's exports:

   mkdir -p /etc/exports.d && cp ${name}.exports /etc/exports.d/

4. Exported now (the NFS server, Debian's and openSUSE's nfs-kernel-server, has to run):

   exportfs -ra

5. TFTP, and DHCP with it, in the foreground to look at; fit the range to your network:

   dnsmasq -d --port=0 --enable-tftp --tftp-root=/srv/tftp --dhcp-range=${range} --dhcp-boot=${name}.0

   Where another DHCP server answers already, leave --dhcp-range and --dhcp-boot out and name this machine there
   as next-server. The boot file need not exist: only its folder counts, that of pxelinux.cfg or boot.scr.uimg.

Then write ${name}.img to a card. It holds U-Boot, which finds nothing else there and goes on to the network.
The kernel gets what is in ${name}.cmdline.
`;
}
