import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { basename, join } from "node:path";
import type { DiskFacts, DriveFacts, MountFacts, PartitionFacts, Transport } from "./facts.js";

/**
 * Reads the facts from /sys, /proc, /dev/disk and udev's records, none of which needs root. `root` is put before every
 * path, for the files of another machine. Source: the kernel's Documentation/ABI (sysfs-block), proc(5).
 */
export function readDriveFacts(root = ""): DriveFacts {
  const links = diskLinks(root);
  return {
    disks: names(`${root}/sys/block`)
      .filter((name) => !/^(?:ram|sr|fd|nbd\d+$|mtdblock)/.test(name) || size(`${root}/sys/block/${name}`) > 0)
      .filter((name) => !/^(?:ram|sr|fd)\d/.test(name))
      .map((name) => diskFacts(root, name, links))
      .filter(
        ({ transport, size, file }) => size > 0 || file !== undefined || transport === "usb" || transport === "sd",
      ),
    mounts: mountFacts(text(`${root}/proc/self/mountinfo`)),
    swaps: text(`${root}/proc/swaps`)
      .split("\n")
      .slice(1)
      .flatMap((line) => unescaped(line.split(/\s+/)[0] ?? "") || []),
  };
}

/** The lines of mountinfo: ID PARENT MAJOR:MINOR ROOT TARGET OPTIONS [TAG…] - TYPE SOURCE OPTIONS. */
export function mountFacts(mountinfo: string): MountFacts[] {
  return mountinfo.split("\n").flatMap((line) => {
    const words = line.split(" ");
    const dash = words.indexOf("-", 6);
    const [number, target, source] = [words[2], words[4], words[dash + 2]];
    if (dash < 0 || number === undefined || target === undefined || source === undefined) return [];
    return [{ number, source: unescaped(source), target: unescaped(target) }];
  });
}

function diskFacts(root: string, name: string, links: ReadonlyMap<string, readonly string[]>): DiskFacts {
  const folder = `${root}/sys/block/${name}`;
  const at = realpath(folder);
  const number = text(`${folder}/dev`);
  const udev = udevFacts(root, number);
  const dm = text(`${folder}/dm/uuid`) || undefined;
  const file = text(`${folder}/loop/backing_file`) || undefined;
  return {
    name,
    path: `/dev/${name.replaceAll("!", "/")}`,
    number,
    size: size(folder),
    block: Number(text(`${folder}/queue/logical_block_size`)) || 512,
    readOnly: text(`${folder}/ro`) === "1",
    removable: text(`${folder}/removable`) === "1",
    discards: Number(text(`${folder}/queue/discard_max_bytes`)) > 0,
    transport: transportOf(name, at, text(`${folder}/device/type`)),
    model: modelOf(folder),
    serial: udev["ID_SERIAL_SHORT"] ?? serialOf(folder, at),
    links: links.get(name) ?? [],
    ...(udev["ID_FS_TYPE"] ? { content: udev["ID_FS_TYPE"] } : {}),
    partitions: names(folder)
      .filter((part) => text(`${folder}/${part}/partition`) !== "")
      .map((part) => partitionFacts(root, `${folder}/${part}`))
      .sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true })),
    holders: names(`${folder}/holders`),
    ...(dm ? { dm } : {}),
    ...(file ? { file } : {}),
  };
}

function partitionFacts(root: string, folder: string): PartitionFacts {
  const name = basename(folder);
  const number = text(`${folder}/dev`);
  const udev = udevFacts(root, number);
  return {
    name,
    path: `/dev/${name}`,
    number,
    size: size(folder),
    ...(udev["ID_FS_TYPE"] ? { content: udev["ID_FS_TYPE"] } : {}),
    ...(udev["ID_FS_LABEL"] ? { label: udev["ID_FS_LABEL"] } : {}),
    holders: names(`${folder}/holders`),
  };
}

function transportOf(name: string, device: string, type: string): Transport {
  if (name.startsWith("loop")) return "loop";
  if (name.startsWith("zram")) return "zram";
  if (name.startsWith("dm-")) return "dm";
  if (/^md\d|^md_/.test(name)) return "md";
  // An eMMC says MMC, a card SD; its boot areas are disks of their own in sysfs.
  if (name.startsWith("mmcblk")) return type === "SD" && !/boot\d$|rpmb$/.test(name) ? "sd" : "emmc";
  if (device.includes("/usb")) return "usb";
  if (name.startsWith("nvme")) return "nvme";
  if (/\/ata\d/.test(device)) return "sata";
  return device.includes("/virtio") ? "virtio" : "other";
}

function modelOf(folder: string): string {
  const words = [text(`${folder}/device/vendor`), text(`${folder}/device/model`) || text(`${folder}/device/name`)];
  // virtio's vendor is a number, and so is NVMe's.
  return words.filter((word) => word !== "" && !/^0x/.test(word)).join(" ");
}

/** The card's own number, or that of the USB device it hangs on: a folder above it that has a bus's speed. */
function serialOf(folder: string, device: string): string {
  const own = text(`${folder}/device/serial`) || text(`${folder}/serial`);
  if (own !== "" || !device.includes("/usb")) return own;
  for (let at = device; at.includes("/usb"); at = join(at, "..")) {
    if (text(`${at}/idVendor`) !== "") return text(`${at}/serial`);
  }
  return "";
}

/** Kernel names of disks to their links by id and by path. */
function diskLinks(root: string): ReadonlyMap<string, readonly string[]> {
  const links = new Map<string, string[]>();
  for (const kind of ["by-id", "by-path"]) {
    for (const link of names(`${root}/dev/disk/${kind}`)) {
      const name = basename(readlinkSync(`${root}/dev/disk/${kind}/${link}`));
      links.set(name, [...(links.get(name) ?? []), `/dev/disk/${kind}/${link}`]);
    }
  }
  return links;
}

function udevFacts(root: string, number: string): Readonly<Record<string, string>> {
  const lines = text(`${root}/run/udev/data/b${number}`).split("\n");
  return Object.fromEntries(lines.flatMap((line) => (line.startsWith("E:") ? [split(line.slice(2))] : [])));
}

function split(line: string): [string, string] {
  const at = line.indexOf("=");
  return [line.slice(0, at), line.slice(at + 1)];
}

const size = (folder: string): number => Number(text(`${folder}/size`)) * 512 || 0;

/** mountinfo and swaps write blanks and the like as \040. */
const unescaped = (word: string): string =>
  word.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

function names(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** A small file's text, trimmed; "" when there is none: facts come and go with the drives. */
function text(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}

function realpath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
