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
    const daemons = locksByDaemon(entry) ? daemonsLacking(tree) : [];
    const program = busybox || hasProgram(tree, `mount.${entry.type}`) ? [] : [`no mount.${entry.type}`];
    const lacking = [...program, ...daemons];
    if (lacking.length === 0) continue;
    yield {
      code: "nfs-services",
      message: `fstab line ${entry.line} mounts ${entry.what} on ${entry.where} by NFS, and the rootfs has ${lacking.join(", ")}`,
      about: entry.what,
      help: helpFor(tree, daemons.length > 0),
    };
  }
};

function locksByDaemon({ type, options }: FstabEntry): boolean {
  const version = options.map((option) => /^(?:(?:nfs)?vers=|v)(\d)/.exec(option)?.[1]).findLast((found) => found);
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

/** What there is is enabled, what is not there is added first. Version 4 needs the program alone. */
function helpFor(tree: Tree, daemons: boolean): string {
  const locks = "or mount with vers=4.2, or with nolock where nothing locks";
  const init = initOf(tree);
  if (init === "busybox") return "busybox has no statd: mount with nolock, or with vers=4.2";
  if (init !== "systemd") return daemons ? `start rpcbind and statd, ${locks}` : "bring mount.nfs in by its package";
  const client = hasProgram(tree, "mount.nfs") ? [] : [tree.has("var/lib/dpkg/status") ? "nfs-common" : "nfs-client"];
  const rpcbind = !daemons || findUnit(tree, "rpcbind.socket") ? [] : ["rpcbind"];
  const packages = [...client, ...rpcbind];
  const add = packages.length > 0 ? [`add ${packages.join(" and ")} to rootfs.packages`] : [];
  const enable = daemons ? [`${unitsToEnable(tree)} to provision.units.enable`] : [];
  const steps = [...add, ...(add.length > 0 ? enable : enable.map((one) => `add ${one}`))].join(" and ");
  return daemons ? `${steps}, ${locks}` : steps;
}

function unitsToEnable(tree: Tree): string {
  const statd = findUnit(tree, "rpc-statd.service");
  return statd?.masked || (statd && !hasProgram(tree, "start-statd"))
    ? "rpcbind.socket and rpc-statd.service"
    : "rpcbind.socket";
}

function hasProgram(tree: Tree, name: string): boolean {
  return ["sbin", "usr/sbin", "bin", "usr/bin"].some((folder) => tree.has(`${folder}/${name}`));
}
