import type { NfsMountSpec, ProvisionSpec } from "../recipe/spec.js";
import { addPackages } from "./add-packages.js";
import { findUnit } from "./find-unit.js";
import type { Findings } from "./findings.js";
import type { Mount } from "./fstab.js";
import { initOf } from "./init.js";
import type { Tree } from "./tree.js";
import { enableUnit } from "./units.js";

const EXPORTS = "etc/exports.d/boardsmith.exports";

/** fstab's lines of NFS mounts: systemd orders them behind the network by `_netdev`, and goes on without those that are not required. */
export function nfsMounts(mounts: readonly NfsMountSpec[]): readonly Mount[] {
  return mounts.map(({ server, path, at, version, options, required }) => ({
    what: `${server.includes(":") ? `[${server}]` : server}:${path}`,
    where: at,
    type: "nfs",
    options: [`vers=${version}`, "_netdev", ...(required ? [] : ["nofail"]), ...options].join(","),
    pass: 0,
  }));
}

/**
 * Enables all that NFS mounts and exports need and writes the exports. Version 3 locks through rpcbind and statd; statd
 * is started by mount.nfs itself where the distribution brings it as a unit. A mount that nothing pulls in is not
 * mounted at all, so the target that does is enabled too.
 */
export function nfs(tree: Tree, { mounts, exports }: ProvisionSpec["nfs"], findings: Findings): void {
  if (mounts.length + exports.length === 0) return;
  if (initOf(tree) !== "systemd") {
    const message = `nfs: the rootfs's init is ${initOf(tree)}, and mounts and exports are set up for systemd`;
    findings.mistake("no-systemd", message, "write /etc/fstab and start the services by an overlay");
    return;
  }
  if (mounts.length > 0) client(tree, mounts, findings);
  if (exports.length > 0) server(tree, exports, findings);
}

function client(tree: Tree, mounts: readonly NfsMountSpec[], findings: Findings): void {
  const shown = mounts.map(({ server, path }) => `${server}:${path}`).join(", ");
  if (!hasProgram(tree, "mount.nfs")) {
    const packages = { debian: "nfs-common", opensuse: "nfs-client" };
    findings.mistake("no-nfs-client", `nfs: the rootfs has no mount.nfs for ${shown}`, addPackages(tree, packages));
    return;
  }
  enableUnit(tree, "remote-fs.target", findings);
  if (findUnit(tree, "nfs-client.target")) enableUnit(tree, "nfs-client.target", findings);
  if (mounts.some(({ version }) => version === 3)) enableRpcbind(tree, `NFS version 3 of ${shown}`, findings);
  findings.note(`nfs: ${shown} in /etc/fstab`);
}

function server(tree: Tree, exports: ProvisionSpec["nfs"]["exports"], findings: Findings): void {
  const shown = exports.map(({ path }) => path).join(", ");
  if (!hasProgram(tree, "exportfs") || !findUnit(tree, "nfs-server.service")) {
    const packages = { debian: "nfs-kernel-server", opensuse: "nfs-kernel-server" };
    findings.mistake("no-nfs-server", `nfs: the rootfs has no server to export ${shown}`, addPackages(tree, packages));
    return;
  }
  const lines = exports.map(
    ({ path, clients, options }) => `${path} ${clients.map((client) => `${client}(${options.join(",")})`).join(" ")}\n`,
  );
  tree.write(EXPORTS, lines.join(""), { mode: 0o644 });
  for (const { path } of exports) if (!tree.has(path.slice(1))) tree.folder(path.slice(1));
  // Clients that use version 3 ask it for the server's ports.
  enableRpcbind(tree, `the export of ${shown}`, findings);
  enableUnit(tree, "nfs-server.service", findings);
  findings.note(`nfs: ${shown} exported by /${EXPORTS}`);
}

function enableRpcbind(tree: Tree, why: string, findings: Findings): void {
  const unit = ["rpcbind.socket", "rpcbind.service"].find((name) => findUnit(tree, name));
  if (unit !== undefined) {
    enableUnit(tree, unit, findings);
    return;
  }
  const packages = { debian: "rpcbind", opensuse: "rpcbind" };
  findings.mistake("no-rpcbind", `nfs: ${why} needs rpcbind, and the rootfs has none`, addPackages(tree, packages));
}

function hasProgram(tree: Tree, name: string): boolean {
  return ["usr/sbin", "sbin"].some((folder) => tree.has(`${folder}/${name}`));
}
