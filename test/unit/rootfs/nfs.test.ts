import { describe, expect, it } from "vitest";
import { fstab } from "../../../src/rootfs/fstab.js";
import { nfs, nfsMounts } from "../../../src/rootfs/nfs.js";
import { found, listing, type Member, NONE, treeOf } from "./rig.js";

type Members = { readonly [path: string]: Member | string };

const AT = "usr/lib/systemd/system";
const ELF = { mode: 0o755, content: "ELF" };
const SYSTEMD: Members = {
  "usr/sbin/init": { link: "../lib/systemd/systemd" },
  "usr/lib/systemd/systemd": ELF,
  "sbin/init": { link: "/usr/lib/systemd/systemd" },
  [`${AT}/remote-fs.target`]: "[Install]\nWantedBy=multi-user.target\n",
  "var/lib/dpkg/status": "Package: base-files\n",
};
/** As Debian's nfs-common and rpcbind have them. */
const CLIENT: Members = {
  "usr/sbin/mount.nfs": ELF,
  [`${AT}/nfs-client.target`]: "[Install]\nWantedBy=multi-user.target\nWantedBy=remote-fs.target\n",
  [`${AT}/rpcbind.socket`]: "[Install]\nWantedBy=sockets.target\n",
};
const SERVER: Members = {
  "usr/sbin/exportfs": ELF,
  [`${AT}/nfs-server.service`]: "[Install]\nWantedBy=multi-user.target\n",
  [`${AT}/rpcbind.socket`]: "[Install]\nWantedBy=sockets.target\n",
};
const MUSIC = {
  server: "nas",
  path: "/export/music",
  at: "/srv/music",
  version: 4.2,
  options: ["ro"],
  required: false,
} as const;
const EXPORT = { path: "/srv/data", clients: ["192.0.2.0/24", "desk"], options: ["rw", "sync"] };

function run(members: Members, what: Parameters<typeof nfs>[1]) {
  const tree = treeOf(members);
  const says = found((f) => nfs(tree, what, f));
  const links = listing(tree).filter((line) => line.includes("./etc/systemd/"));
  return {
    tree,
    says,
    enabled: links.flatMap((line) => /\.\/etc\/systemd\/system\/(\S+\.\S+) ->/.exec(line)?.[1] ?? []),
  };
}

describe("NFS mounts", () => {
  it("are lines of fstab behind the network, which nothing waits for unless it is required", () => {
    const tree = treeOf(SYSTEMD);
    const six = { ...MUSIC, server: "2001:db8::1", at: "/srv/six", version: 3, options: [], required: true } as const;
    fstab(tree, nfsMounts([MUSIC, six]));
    expect(tree.text("etc/fstab")).toBe(
      "nas:/export/music /srv/music nfs vers=4.2,_netdev,nofail,ro 0 0\n[2001:db8::1]:/export/music /srv/six nfs vers=3,_netdev 0 0\n",
    );
    expect(tree.has("srv/music") && tree.has("srv/six")).toBe(true);
  });

  it("of version 4 enable the target that mounts them and no rpcbind, of version 3 that too", () => {
    const members = { ...SYSTEMD, ...CLIENT };
    const four = [
      "multi-user.target.wants/nfs-client.target",
      "multi-user.target.wants/remote-fs.target",
      "remote-fs.target.wants/nfs-client.target",
    ];
    const made = run(members, { mounts: [MUSIC], exports: [] });
    expect(made.says).toEqual({ notes: ["nfs: nas:/export/music in /etc/fstab"], mistakes: [] });
    expect(made.enabled.sort()).toEqual(four);
    const three = run(members, { mounts: [{ ...MUSIC, version: 3 }], exports: [] });
    expect(three.enabled.sort()).toEqual([...four, "sockets.target.wants/rpcbind.socket"]);
  });

  it("are refused without what mounts them, by the distribution's own names", () => {
    expect(run(SYSTEMD, { mounts: [MUSIC], exports: [] }).says.mistakes).toEqual([
      "nfs: the rootfs has no mount.nfs for nas:/export/music (add nfs-common to rootfs.packages)",
    ]);
    const { "var/lib/dpkg/status": _, ...bare } = SYSTEMD;
    const suse = { ...bare, "usr/lib/sysimage/rpm/Packages.db": "" };
    expect(run(suse, { mounts: [MUSIC], exports: [] }).says.mistakes).toEqual([
      "nfs: the rootfs has no mount.nfs for nas:/export/music (add nfs-client to rootfs.packages)",
    ]);
    const alone = { ...SYSTEMD, "usr/sbin/mount.nfs": ELF };
    expect(run(alone, { mounts: [{ ...MUSIC, version: 3 }], exports: [] }).says.mistakes).toEqual([
      "nfs: NFS version 3 of nas:/export/music needs rpcbind, and the rootfs has none (add rpcbind to rootfs.packages)",
    ]);
    const busybox = { "sbin/init": { link: "../bin/busybox" }, "bin/busybox": ELF };
    expect(run(busybox, { mounts: [MUSIC], exports: [] }).says.mistakes).toEqual([
      "nfs: the rootfs's init is busybox, and mounts and exports are set up for systemd (write /etc/fstab and start the services by an overlay)",
    ]);
  });
});

describe("NFS exports", () => {
  it("are a file of their own, with the server and rpcbind enabled and the folder there", () => {
    const { tree, says, enabled } = run({ ...SYSTEMD, ...SERVER }, { mounts: [], exports: [EXPORT] });
    expect(says).toEqual({ notes: ["nfs: /srv/data exported by /etc/exports.d/boardsmith.exports"], mistakes: [] });
    expect(tree.text("etc/exports.d/boardsmith.exports")).toBe("/srv/data 192.0.2.0/24(rw,sync) desk(rw,sync)\n");
    expect(tree.has("srv/data")).toBe(true);
    expect(enabled.sort()).toEqual([
      "multi-user.target.wants/nfs-server.service",
      "sockets.target.wants/rpcbind.socket",
    ]);
  });

  it("are refused without a server", () => {
    expect(run({ ...SYSTEMD, ...CLIENT }, { mounts: [], exports: [EXPORT] }).says.mistakes).toEqual([
      "nfs: the rootfs has no server to export /srv/data (add nfs-kernel-server to rootfs.packages)",
    ]);
  });
});

it("without either nothing is touched", () => {
  const before = listing(treeOf(SYSTEMD));
  const { tree, says } = run(SYSTEMD, { mounts: [], exports: [] });
  expect(says).toEqual(NONE);
  expect(listing(tree)).toEqual(before);
});
