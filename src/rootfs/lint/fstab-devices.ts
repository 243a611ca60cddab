import type { LintFinding, LintRule } from "./finding.js";
import { type FstabEntry, fstabEntries } from "./fstab-entry.js";
import type { ImageFilesystem, LintSubject } from "./subject.js";

/** Filesystems without a device of their own. */
const VIRTUAL =
  /^(proc|sysfs|tmpfs|ramfs|devtmpfs|devpts|mqueue|hugetlbfs|cgroup2?|debugfs|tracefs|configfs|securityfs|bpf|fusectl|pstore|efivarfs|binfmt_misc|overlay|rpc_pipefs)$/;
const NETWORK = /^(nfs4?|cifs|smb3|9p|ceph|glusterfs|sshfs|fuse\..*|davfs)$/;
/** What mount calls the filesystems that mke2fs and mformat make here. */
const FAT = ["vfat", "msdos", "auto"] as const;
const KERNEL_TYPES = { fat32: FAT, fat16: FAT, ext4: ["ext4", "auto"], swap: ["swap"] } as const;

/** A line of /etc/fstab whose device the image does not have makes systemd wait 90 s and then stop for a rescue shell. */
export const fstabDevices: LintRule = function* (subject) {
  for (const entry of fstabEntries(subject.tree)) {
    if (VIRTUAL.test(entry.type) || NETWORK.test(entry.type)) continue;
    if (entry.options.includes("bind") || entry.options.includes("rbind") || entry.what.startsWith("//")) continue;
    const found = look(entry.what, subject);
    if (found === "unknown") continue;
    if (found === "none") {
      if (!entry.optional) yield missing(entry, subject);
      continue;
    }
    const types: readonly string[] = KERNEL_TYPES[found.type];
    if (types.includes(entry.type)) continue;
    yield {
      code: "fstab-type",
      message: `fstab mounts ${entry.what} on ${entry.where} as ${entry.type}, and the image has ${found.type} there`,
      about: entry.what,
      help: `write ${types[0]}`,
    };
  }
};

function missing({ what, where, type }: FstabEntry, { filesystems }: LintSubject): LintFinding {
  const on = where === "none" || type === "swap" ? "as swap" : `on ${where}`;
  const labels = filesystems.map(({ label }) => `LABEL=${label}`).join(", ");
  return {
    code: "fstab-device",
    message: `fstab mounts ${what} ${on}, and the image has no such thing`,
    about: what,
    help: `it has ${labels}; a drive that may be missing takes the option nofail`,
  };
}

/** The filesystem that a first field of fstab means; "unknown" is one of which nobody can say here whether it will be there. */
function look(what: string, subject: LintSubject): ImageFilesystem | "none" | "unknown" {
  const { filesystems, tree, table, volumes } = subject;
  const by = (match: (one: ImageFilesystem) => boolean) => filesystems.find(match) ?? "none";
  const tag = /^(LABEL|UUID|PARTUUID|PARTLABEL)="?([^"]*)"?$/i.exec(what);
  const link = /^\/dev\/disk\/by-(label|uuid|partuuid|partlabel)\/(.+)$/.exec(what);
  const [, kind = "", value = ""] = tag ?? link ?? [];
  switch (kind.toUpperCase()) {
    case "LABEL":
      return by(({ label }) => label === value);
    case "UUID":
      return by(({ uuid }) => uuid.toLowerCase() === value.toLowerCase());
    case "PARTUUID":
      return by(({ partuuid }) => partuuid?.toLowerCase() === value.toLowerCase());
    case "PARTLABEL":
      return table === "gpt" ? by(({ name }) => name === value) : "none";
  }
  const card = /^\/dev\/mmcblk\d+p(\d+)$/.exec(what);
  if (card) return by(({ number }) => number === Number(card[1]));
  if (what === "/dev/root") return "unknown";
  if (/^\/dev\/(mapper\/|dm-)/.test(what) || /^\/dev\/[^/]+\/[^/]+$/.test(what)) return volumes ? "unknown" : "none";
  if (what.startsWith("/dev/")) return "none";
  // A swap file or a loop-mounted image.
  if (what.startsWith("/")) return tree.has(what) ? "unknown" : "none";
  return "unknown";
}
