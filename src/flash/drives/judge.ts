import { formatSize } from "../../util/size.js";
import type { DiskFacts, DriveFacts, MountFacts, PartitionFacts } from "./facts.js";

/** Why a disk is not written to. */
export interface Refusal {
  readonly reason:
    | "system"
    | "image"
    | "mounted"
    | "read-only"
    | "member"
    | "swap"
    | "zram"
    | "loop"
    | "large"
    | "built-in"
    | "no-medium"
    | "virtual"
    | "file";
  /** Behind "sdb ": `holds the running system (/ is on sda2)`. */
  readonly text: string;
  /** The flag that overrides it, when one does. */
  readonly override?: string;
  /** What to do about it otherwise. */
  readonly help?: string;
}

/** A disk and what is against writing to it. */
export interface JudgedDisk {
  readonly disk: DiskFacts;
  readonly refusals: readonly Refusal[];
  /** What is mounted from it. */
  readonly mounts: readonly { readonly partition: string; readonly target: string }[];
}

/** Cards are smaller; a disk for backups is not. */
const LARGE = 256 * 1024 ** 3;

/** A disk with one of these mounted runs this machine. */
const SYSTEM = /^\/(?:$|boot(?:\/|$)|usr(?:\/|$)|etc(?:\/|$)|var$|nix(?:\/|$)|home$|opt$|sysroot$)/;

/** Says of every disk what is against writing to it. `image`: MAJOR:MINOR of the filesystem that holds the image. */
export function judgeDisks(facts: DriveFacts, image?: string): readonly JudgedDisk[] {
  const uses = usesOf(facts);
  return facts.disks.map((disk) => {
    const mine = uses.filter((use) => use.disks.has(disk.name));
    const mounts = mine.map(({ on, mount }) => ({ partition: on, target: mount.target }));
    return { disk, mounts, refusals: refusals(disk, facts, mine, image) };
  });
}

interface Use {
  readonly mount: MountFacts;
  /** The partition, disk or volume that is mounted. */
  readonly on: string;
  /** Every disk below it. */
  readonly disks: ReadonlySet<string>;
}

function refusals(disk: DiskFacts, facts: DriveFacts, uses: readonly Use[], image: string | undefined): Refusal[] {
  const found: Refusal[] = [];
  const system = uses.find(({ mount }) => SYSTEM.test(mount.target));
  if (system) {
    found.push({ reason: "system", text: `holds the running system (${system.mount.target} is on ${system.on})` });
  }
  if (image !== undefined && disksBelow(facts, image).has(disk.name)) {
    found.push({ reason: "image", text: "holds the image", help: "copy the image to another disk first" });
  }
  const swap = facts.swaps.find((path) => disksBelow(facts, numberOf(facts, path) ?? "").has(disk.name));
  if (swap !== undefined)
    found.push({ reason: "swap", text: `is swapped to (${swap})`, help: `run "swapoff ${swap}"` });
  const member = memberOf(disk, facts);
  if (member) found.push(member);
  if (disk.readOnly) {
    found.push({
      reason: "read-only",
      text: "is read-only",
      help: "move the card's lock switch, or take another card",
    });
  }
  if (!system && uses.length > 0) {
    const targets = uses.map(({ on, mount }) => `${on} on ${mount.target}`).join(", ");
    found.push({ reason: "mounted", text: `is mounted (${targets})`, override: "--unmount" });
  }
  found.push(...kindOf(disk));
  if (disk.size > LARGE && !["dm", "md"].includes(disk.transport)) {
    found.push({
      reason: "large",
      text: `is larger than 256 GiB (${formatSize(disk.size)})`,
      override: "--allow-large",
    });
  }
  return found;
}

function kindOf(disk: DiskFacts): Refusal[] {
  switch (disk.transport) {
    case "zram":
      return [{ reason: "zram", text: "is memory (zram)" }];
    case "loop":
      if (disk.file === undefined) return [{ reason: "loop", text: "is a loop device without a file" }];
      return [{ reason: "loop", text: `is a loop device (${disk.file})`, override: "--allow-loop" }];
    case "dm":
    case "md":
      return [
        {
          reason: "virtual",
          text: `is no disk but a volume of ${disk.transport === "dm" ? "the device mapper" : "a RAID"}`,
        },
      ];
    default:
  }
  if (disk.size === 0) return [{ reason: "no-medium", text: "has no medium in it", help: "put a card in" }];
  if (disk.removable || disk.transport === "usb" || disk.transport === "sd") return [];
  return [{ reason: "built-in", text: `is built in (${disk.transport})`, override: "--allow-built-in" }];
}

function memberOf(disk: DiskFacts, facts: DriveFacts): Refusal | undefined {
  const places: readonly (DiskFacts | PartitionFacts)[] = [disk, ...disk.partitions];
  const help = "take it out of there first (vgchange -an, mdadm --stop, cryptsetup close)";
  for (const place of places) {
    const [holder] = place.holders;
    if (holder === undefined) continue;
    const dm = facts.disks.find(({ name }) => name === holder)?.dm ?? "";
    const of = holder.startsWith("md")
      ? "a RAID"
      : dm.startsWith("LVM-")
        ? "LVM"
        : dm.startsWith("CRYPT-")
          ? "an open LUKS volume"
          : "the device mapper's";
    return { reason: "member", text: `is part of ${of} (${place.name} carries ${holder})`, help };
  }
  for (const place of places) {
    const of = MEMBERS[place.content ?? ""];
    if (of !== undefined)
      return {
        reason: "member",
        text: `is part of ${of} (${place.name})`,
        help: `erase that first: wipefs -a ${place.path}`,
      };
  }
  return undefined;
}

/** As udev (libblkid) names what is a part of something. */
const MEMBERS: Readonly<Record<string, string>> = {
  LVM2_member: "LVM",
  linux_raid_member: "a RAID",
  isw_raid_member: "a RAID",
  ddf_raid_member: "a RAID",
  zfs_member: "a ZFS pool",
  bcache: "a bcache",
};

function usesOf(facts: DriveFacts): readonly Use[] {
  return facts.mounts.flatMap((mount) => {
    // btrfs invents a number, so the source's is looked up too.
    const number = [mount.number, numberOf(facts, mount.source) ?? ""].find((one) => nameOf(facts, one) !== undefined);
    const on = number === undefined ? undefined : nameOf(facts, number);
    return number === undefined || on === undefined ? [] : [{ mount, on, disks: disksBelow(facts, number) }];
  });
}

const nodes = (facts: DriveFacts) => facts.disks.flatMap((disk) => [disk, ...disk.partitions]);
const nameOf = (facts: DriveFacts, number: string) => nodes(facts).find((node) => node.number === number)?.name;
const numberOf = (facts: DriveFacts, path: string) =>
  nodes(facts).find((node) => node.path === path || ("links" in node && node.links.includes(path)))?.number ??
  facts.mounts.find(({ target }) => target !== "/" && path.startsWith(`${target}/`))?.number ??
  (path.startsWith("/") && !path.startsWith("/dev/")
    ? facts.mounts.find(({ target }) => target === "/")?.number
    : undefined);

/** Names of the disks that carry a device: itself, its disk, and what lies below its volume or its file. */
function disksBelow(facts: DriveFacts, number: string, seen: Set<string> = new Set()): ReadonlySet<string> {
  if (number === "" || seen.has(number)) return new Set();
  seen.add(number);
  const disk = facts.disks.find(
    (one) => one.number === number || one.partitions.some((part) => part.number === number),
  );
  if (!disk) return new Set();
  const carriers = facts.disks.filter((one) =>
    [one, ...one.partitions].some(({ holders }) => holders.includes(disk.name)),
  );
  const below = carriers.flatMap((one) => [...disksBelow(facts, one.number, seen)]);
  return new Set([disk.name, ...below]);
}
