import { findUnit } from "../find-unit.js";
import { initOf } from "../init.js";
import type { Tree } from "../tree.js";
import type { LintRule } from "./finding.js";
import { type FstabEntry, fstabEntries } from "./fstab-entry.js";
import { startedUnits } from "./started-units.js";

/**
 * NFS up to version 3 locks through rpcbind and statd on the client: without them a mount waits for minutes and then
 * fails, or files stay locked for ever after a reboot. See nfs(5) on `nolock` and on versions.
 */
export const nfsServices: LintRule = function* ({ tree }) {
  const entries = fstabEntries(tree).filter(({ type, options }) => /^nfs4?$/.test(type) && !options.includes("noauto"));
  if (entries.length === 0) return;
  const busybox = initOf(tree) === "busybox";
  for (const entry of entries) {
    const lacking = [
      ...(busybox || hasProgram(tree, `mount.${entry.type}`) ? [] : [`no mount.${entry.type}`]),
      ...(locksByDaemon(entry) ? daemonsLacking(tree) : []),
    ];
    if (lacking.length === 0) continue;
    yield {
      code: "nfs-services",
      message: `fstab mounts ${entry.what} on ${entry.where} by NFS, and the rootfs has ${lacking.join(", ")}`,
      about: entry.what,
      help: helpFor(tree),
    };
  }
};

function locksByDaemon({ type, options }: FstabEntry): boolean {
  const version = options.map((option) => /^(?:nfs)?vers=(\d)/.exec(option)?.[1]).findLast((found) => found);
  return (
    type === "nfs" && Number(version ?? 3) < 4 && !options.includes("nolock") && !options.includes("local_lock=all")
  );
}

function daemonsLacking(tree: Tree): readonly string[] {
  if (initOf(tree) !== "systemd") {
    const scripts = [...tree.nodes()].map(({ path }) => path).filter((path) => /^etc\/rc[S2345]\.d\/S/.test(path));
    return [
      ...(scripts.some((path) => path.endsWith("rpcbind")) ? [] : ["no rpcbind started by any runlevel"]),
      ...(scripts.some((path) => /nfs-common$|statd$|nfslock$/.test(path)) ? [] : ["no statd started by any runlevel"]),
    ];
  }
  const started = new Set(startedUnits(tree).map(({ name }) => name));
  const onDemand = hasProgram(tree, "start-statd") && findUnit(tree, "rpc-statd.service")?.masked === false;
  return [
    ...(started.has("rpcbind.socket") || started.has("rpcbind.service") ? [] : ["no rpcbind enabled"]),
    ...(started.has("rpc-statd.service") || onDemand ? [] : ["no rpc-statd that anything starts"]),
  ];
}

function helpFor(tree: Tree): string {
  const locks = "or mount with vers=4.2, or with nolock where nothing locks";
  if (initOf(tree) === "busybox") return `busybox has no statd: mount with nolock, or with vers=4.2`;
  if (initOf(tree) !== "systemd") return `start rpcbind and statd, ${locks}`;
  const packages = tree.has("var/lib/dpkg/status") ? "nfs-common (it brings rpcbind)" : "nfs-client and rpcbind";
  return `add ${packages} to rootfs.packages and rpcbind.socket to provision.units.enable, ${locks}`;
}

function hasProgram(tree: Tree, name: string): boolean {
  return ["sbin", "usr/sbin", "bin", "usr/bin"].some((folder) => tree.has(`${folder}/${name}`));
}
